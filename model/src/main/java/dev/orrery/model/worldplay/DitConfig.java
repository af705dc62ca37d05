package dev.orrery.model.worldplay;

/**
 * Sizes of the diffusion transformer.
 *
 * @param heads attention heads
 * @param headDim channels of a head, a multiple of four
 * @param channels channels of a latent, in and out
 * @param textDim channels of the text encoder's tokens
 * @param freqDim channels of the sinusoids
 * @param ffnDim hidden channels of the feed-forward layers
 * @param layers transformer blocks
 * @param patch rows and columns of a patch
 * @param eps added to variances under the root
 */
record DitConfig(
    int heads,
    int headDim,
    int channels,
    int textDim,
    int freqDim,
    int ffnDim,
    int layers,
    int patch,
    double eps) {
  /** The released model, on the backbone of Wan2.2-TI2V-5B. */
  static final DitConfig RELEASED = new DitConfig(24, 128, 48, 4096, 256, 14336, 30, 2, 1e-6);

  /** Channels of a token. */
  int dim() {
    return heads * headDim;
  }
}
