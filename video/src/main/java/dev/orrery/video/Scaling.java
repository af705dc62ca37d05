package dev.orrery.video;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.video.UnusableVideoException.Problem;
import java.io.IOException;
import java.util.Arrays;

/**
 * How many times larger than the model's frames those of a video are, in both directions.
 *
 * @param factor 1 leaves every byte as it is
 * @param filter what the pixels between those of the model are
 */
public record Scaling(int factor, Filter filter) {
  /** Largest factor. */
  public static final int MAX_FACTOR = 16;

  /** As many as a picture that is read may have. */
  private static final long MAX_PIXELS = 64_000_000;

  /** What the pixels between those of the model are. */
  public enum Filter {
    /** The nearest one of the model: squares. */
    NEAREST,
    /** A smooth transition, see {@link ResizeFilter#LANCZOS}. */
    LANCZOS
  }

  /**
   * The video of frames that have another format.
   *
   * @throws UnusableVideoException if its frames have more than 64 million pixels
   */
  public VideoFormat of(VideoFormat format) {
    if ((long) format.width() * format.height() * factor * factor > MAX_PIXELS) {
      throw new UnusableVideoException(
          Problem.TOO_LARGE,
          "expected a video of at most 64 million pixels a frame, found "
              + factor
              + " times "
              + format.width()
              + "x"
              + format.height());
    }
    return new VideoFormat(factor * format.width(), factor * format.height(), format.rate());
  }

  /**
   * A sink that takes frames of the model and writes enlarged ones.
   *
   * @param sink gets the enlarged ones; is closed with this
   * @param threads of the CPU that enlarge
   */
  public VideoSink into(VideoSink sink, int threads) {
    return factor == 1 ? sink : new Enlarging(sink, threads);
  }

  private final class Enlarging implements VideoSink {
    private final VideoSink sink;
    private final Backend backend;

    Enlarging(VideoSink sink, int threads) {
      this.sink = sink;
      // Resizing is the same on both CPU backends, and this one needs no Vector API.
      this.backend = CpuBackend.reference(threads);
    }

    /** One by one: a chunk of large frames would not fit an array. */
    @Override
    public void write(VideoFrames chunk) throws IOException {
      int bytes = 3 * chunk.width() * chunk.height();
      for (int i = 0; i < chunk.count(); i++) {
        byte[] rgb = Arrays.copyOfRange(chunk.rgb(), i * bytes, (i + 1) * bytes);
        int height = factor * chunk.height();
        int width = factor * chunk.width();
        byte[] enlarged =
            switch (filter) {
              case NEAREST -> nearest(rgb, chunk.width(), chunk.height());
              case LANCZOS -> {
                RgbImage image = new RgbImage(chunk.width(), chunk.height(), rgb);
                yield ImageResizer.resize(image, height, width, ResizeFilter.LANCZOS, backend)
                    .rgb();
              }
            };
        sink.write(new VideoFrames(1, height, width, enlarged));
      }
    }

    private byte[] nearest(byte[] rgb, int width, int height) {
      int row = 3 * factor * width;
      byte[] enlarged = new byte[factor * height * row];
      for (int y = 0; y < height; y++) {
        int first = y * factor * row;
        for (int x = 0; x < factor * width; x++) {
          System.arraycopy(rgb, 3 * (y * width + x / factor), enlarged, first + 3 * x, 3);
        }
        for (int copy = 1; copy < factor; copy++) {
          System.arraycopy(enlarged, first, enlarged, first + copy * row, row);
        }
      }
      return enlarged;
    }

    @Override
    public void finish() throws IOException {
      sink.finish();
    }

    @Override
    public void close() {
      sink.close();
      backend.close();
    }
  }
}
