package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** A layer of the U-Net. */
@FunctionalInterface
interface UnetLayer {
  /**
   * {@code x [F, Y, X, in]} to {@code [F, Y', X', out]}, which may be x itself, replaced.
   *
   * @param frame owner of the result
   */
  Tensor forward(Tensor x, UnetPass pass, Workspace.Frame frame);

  /** {@code [F, Y, X, C]} seen as tokens {@code [F * Y * X, C]}. */
  static Tensor tokens(Tensor x) {
    return x.reshape(x.elements() / x.size(3), x.size(3));
  }

  /** {@code [F, Y, X, C]} seen as one picture {@code [1, F * Y, X, C]}, for norms of a window. */
  static Tensor window(Tensor x) {
    return x.reshape(1, (long) x.size(0) * x.size(1), x.size(2), x.size(3));
  }
}
