package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.ResizeAntialiased;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.media.RgbImage;
import java.lang.foreign.MemorySegment;

/** Resizes images on a backend, see {@link ResizeAntialiased}. */
public final class ImageResizer {
  private ImageResizer() {}

  /** The whole image in another size. */
  public static RgbImage resize(
      RgbImage image, int height, int width, ResizeFilter filter, Backend backend) {
    byte[] resized = new byte[3 * height * width];
    try (TensorArena arena = backend.newArena()) {
      Tensor from = arena.empty(DType.U8, image.height(), image.width(), 3);
      Tensor to = arena.empty(DType.U8, height, width, 3);
      backend.copy(host(image.rgb(), from), from);
      backend.kernel(ResizeAntialiased.class).run(from, filter, to);
      backend.copy(to, host(resized, to));
      backend.synchronize();
    }
    return new RgbImage(width, height, resized);
  }

  /**
   * Scales an image until it just covers the wanted size and cuts out the middle. The size between
   * and the edges are rounded half to even; an image of the wanted size stays as it is.
   *
   * <p>Source: {@code resize_and_center_crop} of HunyuanVideo-1.5.
   */
  public static RgbImage cover(RgbImage image, int height, int width, Backend backend) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    double scale = Math.max((double) width / image.width(), (double) height / image.height());
    int scaledWidth = (int) Math.rint(image.width() * scale);
    int scaledHeight = (int) Math.rint(image.height() * scale);
    RgbImage scaled = resize(image, scaledHeight, scaledWidth, ResizeFilter.LANCZOS, backend);
    int left = (int) Math.rint((scaledWidth - width) / 2.0);
    int top = (int) Math.rint((scaledHeight - height) / 2.0);
    return scaled.crop(left, top, width, height);
  }

  /**
   * Cuts the largest part of the wanted aspect out of the middle.
   *
   * <p>Source: {@code _resizecrop} of Matrix-Game 2.0; edges are rounded half to even as Pillow
   * does.
   */
  public static RgbImage crop(RgbImage image, int height, int width) {
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

  private static Tensor host(byte[] bytes, Tensor like) {
    return Tensor.host(DType.U8, like.shape(), MemorySegment.ofArray(bytes));
  }
}
