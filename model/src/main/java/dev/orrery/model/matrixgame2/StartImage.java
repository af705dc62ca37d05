package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.ResizeBilinear;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.media.RgbImage;
import java.lang.foreign.MemorySegment;

/** Brings a picture of any size into the form that a model starts from. */
final class StartImage {
  private StartImage() {}

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
    byte[] rgb = new byte[3 * (right - left) * (bottom - top)];
    for (int y = top; y < bottom; y++) {
      int source = 3 * (y * image.width() + left);
      int rowBytes = 3 * (right - left);
      System.arraycopy(image.rgb(), source, rgb, (y - top) * rowBytes, rowBytes);
    }
    return new RgbImage(right - left, bottom - top, rgb);
  }

  /**
   * Crops, resizes and normalises a picture.
   *
   * @return {@code [height, width, 3]} on the host, in [-1, 1]
   */
  static Tensor prepare(RgbImage image, int height, int width, Backend backend) {
    RgbImage cropped = crop(image, height, width);
    byte[] bytes = new byte[3 * height * width];
    try (TensorArena arena = backend.newArena()) {
      Tensor from = arena.empty(DType.U8, cropped.height(), cropped.width(), 3);
      Tensor to = arena.empty(DType.U8, height, width, 3);
      backend.copy(host(cropped.rgb(), from), from);
      backend.kernel(ResizeBilinear.class).run(from, to);
      backend.copy(to, host(bytes, to));
      backend.synchronize();
    }
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((bytes[i] & 0xff) / 255f - 0.5f) / 0.5f;
    }
    return Tensor.of(values, height, width, 3);
  }

  private static Tensor host(byte[] bytes, Tensor like) {
    return Tensor.host(DType.U8, like.shape(), MemorySegment.ofArray(bytes));
  }
}
