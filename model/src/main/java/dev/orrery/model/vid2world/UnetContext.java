package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;

/**
 * What the frames of a pass attend to besides each other, of the dtype of the activations.
 *
 * @param text tokens of the prompt, {@code [77, C]}
 * @param image tokens of the first frame of the window, {@code [N, C]}
 */
record UnetContext(Tensor text, Tensor image) {
  /** Tokens of the prompt. */
  static final int TEXT_TOKENS = 77;

  private static final int TOKENS_FOR_A_FRAME = 16;

  /**
   * Into how many parts the image's tokens are split, one for each frame. The network was trained
   * with 16 for each frame of a window of 16; for any other number the reference finds that the
   * tokens are not 16 a frame, and lets every frame see all.
   */
  int imageParts(int frames) {
    return image.size(0) == TOKENS_FOR_A_FRAME * frames ? frames : 1;
  }
}
