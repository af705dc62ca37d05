package dev.orrery.kernels.position;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.norm.RmsNormSimd;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Vector API: the two passes one after the other; on a CPU the second one costs little beside the
 * projection that came before.
 */
public final class RmsNormRopeSimd implements RmsNormRope {
  private final RmsNormSimd norm;
  private final RopeSimd rope;

  public RmsNormRopeSimd(CpuThreads threads) {
    norm = new RmsNormSimd(threads);
    rope = new RopeSimd(threads);
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    long width = span == Span.TOKEN ? (long) x.size(1) * x.size(2) : x.size(2);
    long rows = x.elements() / Math.max(1, width);
    norm.launch(x.reshape(rows, width), weight, eps, out.reshape(rows, width));
    rope.launch(out, table, out);
  }
}
