package dev.orrery.model.matrixgame2;

/** Where the sampler's noise comes from. */
@FunctionalInterface
interface NoiseSource {
  /**
   * Draws standard normal noise.
   *
   * @param chunk which chunk it is for
   * @param step which denoising step it is for; 0 is the noise a chunk starts from
   * @param out {@code [F, h, w, 16]}, flattened
   */
  void fill(int chunk, int step, float[] out);
}
