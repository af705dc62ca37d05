package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.media.RgbImage;

/** Brings an image of any size into the form that a rollout starts from. */
public final class WorldPlayStartImage {
  private WorldPlayStartImage() {}

  /**
   * Scales an image until it covers the wanted size, cuts out the middle and normalises it. The
   * size between is rounded down; where it falls short by a pixel the image gets a black edge, as
   * with the reference.
   *
   * @return {@code [height, width, 3]} on the host, in [-1, 1]
   */
  static Tensor prepare(RgbImage image, int height, int width, Backend backend) {
    double scale = Math.max((double) width / image.width(), (double) height / image.height());
    double scaledWidth = Math.floor(image.width() * scale);
    double scaledHeight = Math.floor(image.height() * scale);
    RgbImage scaled =
        ImageResizer.resize(
            image, (int) scaledHeight, (int) scaledWidth, ResizeFilter.LANCZOS, backend);
    int left = Math.floorDiv(scaled.width() - width, 2);
    int top = Math.floorDiv(scaled.height() - height, 2);
    return normalised(scaled.crop(left, top, width, height));
  }

  /** The bytes of an image as {@code [height, width, 3]} on the host, in [-1, 1]. */
  public static Tensor normalised(RgbImage image) {
    byte[] bytes = image.rgb();
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (bytes[i] & 0xff) / 127.5f - 1;
    }
    return Tensor.of(values, image.height(), image.width(), 3);
  }
}
