package dev.orrery.kernels.position;

import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link RmsNormRope} by its definition, for the CPU: the norm, then the rotation in place, in two
 * passes over memory.
 */
abstract class RmsNormThenRope implements RmsNormRope {
  private final RmsNorm norm;
  private final Rope rope;

  RmsNormThenRope(RmsNorm norm, Rope rope) {
    this.norm = norm;
    this.rope = rope;
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    long width = span == Span.TOKEN ? (long) x.size(1) * x.size(2) : x.size(2);
    long rows = x.elements() / Math.max(1, width);
    norm.launch(x.reshape(rows, width), weight, eps, out.reshape(rows, width));
    rope.launch(out, table, Rope.Pairs.NEIGHBOURS, out);
  }
}
