package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.media.RgbImage;

/** Brings an image of any size into the form that a rollout starts from. */
public final class WorldPlayStartImage {
  private WorldPlayStartImage() {}

  /** What becomes of fractions of a pixel. */
  public enum Rounding {
    /** Of the size and of the offset: WorldPlay-5B. */
    DOWN {
      @Override
      int apply(double pixels) {
        return (int) Math.floor(pixels);
      }
    },
    /** To the nearest pixel, halves to the even one: WorldPlay-8B. */
    HALF_EVEN {
      @Override
      int apply(double pixels) {
        return (int) Math.rint(pixels);
      }
    };

    abstract int apply(double pixels);
  }

  /**
   * Scales an image until it covers the wanted size, cuts out the middle and normalises it. Where
   * the size between is rounded down and falls short by a pixel the image gets a black edge, as
   * with the reference.
   *
   * @return {@code [height, width, 3]} on the host, in [-1, 1]
   */
  public static Tensor prepare(
      RgbImage image, int height, int width, Rounding rounding, Backend backend) {
    double scale = Math.max((double) width / image.width(), (double) height / image.height());
    int scaledWidth = rounding.apply(image.width() * scale);
    int scaledHeight = rounding.apply(image.height() * scale);
    RgbImage scaled =
        ImageResizer.resize(image, scaledHeight, scaledWidth, ResizeFilter.LANCZOS, backend);
    int left = rounding.apply((scaled.width() - width) / 2.0);
    int top = rounding.apply((scaled.height() - height) / 2.0);
    byte[] bytes = scaled.crop(left, top, width, height).rgb();
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (bytes[i] & 0xff) / 127.5f - 1;
    }
    return Tensor.of(values, height, width, 3);
  }
}
