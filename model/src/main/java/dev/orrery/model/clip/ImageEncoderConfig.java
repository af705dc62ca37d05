package dev.orrery.model.clip;

/**
 * Sizes of a CLIP image encoder.
 *
 * @param imageSize rows and columns of the image it sees
 * @param patch rows and columns of a patch
 * @param dim channels
 * @param heads attention heads
 * @param layers transformer blocks in the checkpoint; all but the last one run
 */
public record ImageEncoderConfig(int imageSize, int patch, int dim, int heads, int layers) {
  /** Hidden channels of an MLP as a multiple of dim. */
  static final int MLP_RATIO = 4;

  public ImageEncoderConfig {
    boolean fits =
        imageSize > 0
            && patch > 0
            && imageSize % patch == 0
            && heads > 0
            && dim > 0
            && dim % heads == 0
            && layers > 1;
    if (!fits) {
      throw new IllegalArgumentException(
          "image encoder: expected an image of whole patches, dim a multiple of the heads and two layers or more, found "
              + imageSize
              + ", "
              + patch
              + ", "
              + dim
              + ", "
              + heads
              + ", "
              + layers);
    }
  }

  /** ViT-H/14, the visual tower of open-clip-xlm-roberta-large. */
  public static ImageEncoderConfig vitHuge14() {
    return new ImageEncoderConfig(224, 14, 1280, 16, 32);
  }

  /** Tokens of an image: one for the whole and one for each patch. */
  public int tokens() {
    return 1 + (imageSize / patch) * (imageSize / patch);
  }
}
