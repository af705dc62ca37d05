package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.SessionState;
import java.util.Collections;
import java.util.List;

/**
 * The pictures that a world starts from. Their latents are drawn with the noise of a seed, so they
 * are made by each session.
 */
final class Vid2WorldStart implements SessionState.Part {
  private final Vid2WorldConfig config;
  private final Tensor pictures;
  private int frames;

  /**
   * Room for as many pictures as a window has besides the frame that is made.
   *
   * @param arena owner of the memory
   */
  Vid2WorldStart(Vid2WorldConfig config, TensorArena arena) {
    this.config = config;
    pictures = arena.empty(DType.F32, config.past(), config.height(), config.width(), 3);
  }

  /** The pictures, oldest first, {@code [frames, Y, X, 3]} in [-1, 1], fp32. */
  Tensor pictures() {
    return pictures.slice(0, frames);
  }

  /**
   * Takes pictures of any size, oldest first. The largest part of the video's shape is cut out of
   * each. Of a history of pictures there must be as many as it has, or one, which stands for all.
   *
   * @throws UnusableStartException if there are others
   */
  void encode(List<RgbImage> images, Backend backend, Progress progress) {
    List<RgbImage> all = images;
    if (config.history() == Vid2WorldConfig.History.PIXELS && images.size() != config.past()) {
      if (images.size() != 1) {
        throw new UnusableStartException(
            "start: expected 1 or " + config.past() + " images, found " + images.size());
      }
      all = Collections.nCopies(config.past(), images.getFirst());
    }
    frames = all.size();
    for (int i = 0; i < frames; i++) {
      backend.copy(prepared(all.get(i), backend), pictures.row(i));
      backend.synchronize();
      progress.report("encoding images", i + 1, frames);
    }
  }

  /** Takes pictures as they are, {@code [frames, Y, X, 3]} on the host. */
  void take(Tensor prepared, Backend backend) {
    frames = prepared.size(0);
    backend.copy(prepared, pictures());
    backend.synchronize();
  }

  private Tensor prepared(RgbImage image, Backend backend) {
    int height = config.height();
    int width = config.width();
    RgbImage cropped = ImageResizer.crop(image, height, width);
    byte[] rgb = ImageResizer.resize(cropped, height, width, ResizeFilter.BILINEAR, backend).rgb();
    float[] values = new float[rgb.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((rgb[i] & 0xff) / 255f - 0.5f) * 2;
    }
    return Tensor.of(values, height, width, 3);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    frames = (int) state.number("frames", frames, config.past());
    boolean all = config.history() == Vid2WorldConfig.History.PIXELS;
    if (state.restores() && (all ? frames != config.past() : frames == 0)) {
      throw state.refusal(
          "frames", "expected " + (all ? config.past() : "1 or more") + ", found " + frames);
    }
    state.finite("pictures", pictures());
  }
}
