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
   * Cuts the largest part of the wanted aspect out of the middle.
   *
   * <p>Source: {@code _resizecrop} of Matrix-Game 2.0; edges are rounded half to even as Pillow
   * does.
   */
  static RgbImage crop(RgbImage image, int height, int width) {
    int cropWidth = image.width();
    int cropHeight = image.height();
    if ((double) image.height() / image.width() > (double) height / width) {
      cropHeight = (int) ((double) image.width() * height / width);
    } else {
      cropWidth = (int) ((double) image.height() * width / height);
    }
    cropHeight = Math.max(1, cropHeight);
    cropWidth = Math.max(1, cropWidth);
    int left = (int) Math.rint((image.width() - cropWidth) / 2.0);
    int top = (int) Math.rint((image.height() - cropHeight) / 2.0);
    int right = Math.max(left + 1, (int) Math.rint((image.width() + cropWidth) / 2.0));
    int bottom = Math.max(top + 1, (int) Math.rint((image.height() + cropHeight) / 2.0));
    return image.crop(left, top, right - left, bottom - top);
  }

  /**
   * Crops, resizes and normalises an image.
   *
   * @return {@code [height, width, 3]} on the host, in [-1, 1]
   */
  static Tensor prepare(RgbImage image, int height, int width, Backend backend) {
    RgbImage cropped = crop(image, height, width);
    byte[] bytes =
        ImageResizer.resize(cropped, height, width, ResizeFilter.BILINEAR, backend).rgb();
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((bytes[i] & 0xff) / 255f - 0.5f) / 0.5f;
    }
    return Tensor.of(values, height, width, 3);
  }
}
