package dev.orrery.model.clip;

/**
 * Sizes of a CLIP image encoder.
 *
 * @param imageSize rows and columns of the image it sees
 * @param patch rows and columns of a patch
 * @param dim channels
 * @param heads attention heads
 * @param blocks transformer blocks that run, the first of those of a checkpoint
 */
public record ImageEncoderConfig(int imageSize, int patch, int dim, int heads, int blocks) {
  /** Blocks of ViT-H/14. */
  public static final int VIT_HUGE_14_BLOCKS = 32;

  public ImageEncoderConfig {
    boolean fits =
        imageSize > 0
            && patch > 0
            && imageSize % patch == 0
            && heads > 0
            && dim > 0
            && dim % heads == 0
            && blocks > 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "image encoder: expected an image of whole patches, dim a multiple of the heads and a block, found "
              + imageSize
              + ", "
              + patch
              + ", "
              + dim
              + ", "
              + heads
              + ", "
              + blocks);
    }
  }

  /** ViT-H/14, the visual tower of OpenCLIP and of its multilingual descendants. */
  public static ImageEncoderConfig vitHuge14(int blocks) {
    return new ImageEncoderConfig(224, 14, 1280, 16, blocks);
  }

  /** Tokens of an image: one for the whole and one for each patch. */
  public int tokens() {
    return 1 + (imageSize / patch) * (imageSize / patch);
  }
}
