package dev.orrery.kernels.position;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.norm.RmsNormCpu;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: the norm, then the rotation of its result. */
public final class RmsNormRopeCpu implements RmsNormRope {
  private final RmsNormCpu norm;
  private final RopeCpu rope;

  public RmsNormRopeCpu(CpuThreads threads) {
    norm = new RmsNormCpu(threads);
    rope = new RopeCpu(threads);
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    long width = span == Span.TOKEN ? (long) x.size(1) * x.size(2) : x.size(2);
    long rows = x.elements() / Math.max(1, width);
    norm.launch(x.reshape(rows, width), weight, eps, out.reshape(rows, width));
    rope.launch(out, table, out);
  }
}
