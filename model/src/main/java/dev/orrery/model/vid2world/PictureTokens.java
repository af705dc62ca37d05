package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Makes the tokens that frames attend to of the first picture of a window. */
interface PictureTokens {
  /** Tokens of a picture. */
  int tokens();

  /**
   * Encodes a picture. May look at it on the host.
   *
   * @param picture {@code [Y, X, 3]}, fp32, nominally in [-1, 1]
   * @param context {@code [N, C]} in the dtype of the activations
   */
  void encode(Tensor picture, Workspace workspace, Tensor context, Trace trace);
}
