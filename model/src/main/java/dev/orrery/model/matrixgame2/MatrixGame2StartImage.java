package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.media.RgbImage;

/** Brings an image of any size into the form that a model starts from. */
final class MatrixGame2StartImage {
  private MatrixGame2StartImage() {}

  /**
   * Crops, resizes and normalises an image.
   *
   * @return {@code [height, width, 3]} on the host, in [-1, 1]
   */
  static Tensor prepare(RgbImage image, int height, int width, Backend backend) {
    RgbImage cropped = ImageResizer.crop(image, height, width);
    byte[] bytes =
        ImageResizer.resize(cropped, height, width, ResizeFilter.BILINEAR, backend).rgb();
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((bytes[i] & 0xff) / 255f - 0.5f) / 0.5f;
    }
    return Tensor.of(values, height, width, 3);
  }
}
