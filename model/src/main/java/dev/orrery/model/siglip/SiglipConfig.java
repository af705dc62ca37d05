package dev.orrery.model.siglip;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of a SigLIP image encoder.
 *
 * @param imageSize rows and columns of the image it sees
 * @param patch rows and columns of a patch; what is left of the image to the right and below is not
 *     looked at
 * @param dim channels
 * @param heads attention heads
 * @param hidden channels of the feed-forward layers
 * @param layers transformer blocks
 * @param eps added to variances under the root
 */
public record SiglipConfig(
    int imageSize, int patch, int dim, int heads, int hidden, int layers, double eps) {
  public SiglipConfig {
    boolean fits =
        patch > 0
            && imageSize >= patch
            && heads > 0
            && dim > 0
            && dim % heads == 0
            && hidden > 0
            && layers > 0
            && eps > 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "image encoder: expected positive sizes, an image of a patch or more and dim a multiple"
              + " of the heads, found image "
              + imageSize
              + ", patch "
              + patch
              + ", dim "
              + dim
              + ", heads "
              + heads
              + ", hidden "
              + hidden
              + ", layers "
              + layers
              + ", eps "
              + eps);
    }
  }

  /** so400m, patch 14, images of 384 pixels. */
  public static SiglipConfig so400m() {
    return new SiglipConfig(384, 14, 1152, 16, 4304, 27, 1e-6);
  }

  /**
   * Reads the {@code config.json} that lies beside a released encoder, of the image part alone or
   * of a model with two parts.
   *
   * @throws CheckpointException naming the value that does not fit
   */
  public static SiglipConfig of(JsonValue json) {
    JsonValue sizes = json.has("vision_config") ? json.get("vision_config") : json;
    try {
      return new SiglipConfig(
          sizes.integer("image_size"),
          sizes.integer("patch_size"),
          sizes.integer("hidden_size"),
          sizes.integer("num_attention_heads"),
          sizes.integer("intermediate_size"),
          sizes.integer("num_hidden_layers"),
          sizes.number("layer_norm_eps", 1e-6));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }

  /** Rows and columns of patches. */
  public int side() {
    return imageSize / patch;
  }

  /** Tokens of an image, one for each patch. */
  public int tokens() {
    return side() * side();
  }
}
