package dev.orrery.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.video.Scaling.Filter;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingTest {
  private static final int WIDTH = 13;
  private static final int HEIGHT = 7;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 16})
  void nearestRepeatsEveryPixel(int factor) throws IOException {
    VideoFrames frames = TestFrames.of(3, WIDTH, HEIGHT);
    for (int frame = 0; frame < 3; frame++) {
      RgbImage large = written(frames, new Scaling(factor, Filter.NEAREST), frame);
      for (int i = 0; i < large.rgb().length; i++) {
        int x = i / 3 % large.width() / factor;
        int y = i / 3 / large.width() / factor;
        int from = ((frame * HEIGHT + y) * WIDTH + x) * 3 + i % 3;
        assertEquals(frames.rgb()[from], large.rgb()[i]);
      }
    }
  }

  /** The middle of a new square of odd size lies where the old pixel was, and has its value. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void lanczosGoesThroughThePixels(int factor) throws IOException {
    VideoFrames frames = TestFrames.of(2, WIDTH, HEIGHT);
    RgbImage large = written(frames, new Scaling(factor, Filter.LANCZOS), 1);
    int steps = 0;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int row = y * factor + factor / 2;
        int column = x * factor + factor / 2;
        int expected = frames.rgb()[((HEIGHT + y) * WIDTH + x) * 3] & 255;
        assertEquals(expected, large.rgb()[(row * large.width() + column) * 3] & 255);
        int neighbour = large.rgb()[(row * large.width() + column + 1) * 3] & 255;
        steps += neighbour == expected ? 0 : 1;
      }
    }
    assertTrue(steps > WIDTH * HEIGHT / 2, "between the pixels it is smooth");
  }

  @Test
  void onceIsNothing() throws IOException {
    VideoFormat format = new VideoFormat(WIDTH, HEIGHT, FrameRate.of(25));
    try (VideoSink sink = VideoSink.open(folder.resolve("frames"), format)) {
      assertSame(sink, new Scaling(1, Filter.LANCZOS).into(sink, 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1280, 704, 8, true", "1280, 704, 9, false", "1048576, 16, 16, false"})
  void framesBeyondReasonAreRefused(int width, int height, int factor, boolean allowed) {
    VideoFormat own = new VideoFormat(width, height, FrameRate.of(16));
    Scaling scaling = new Scaling(factor, Filter.NEAREST);
    if (allowed) {
      assertEquals(new VideoFormat(10_240, 5632, FrameRate.of(16)), scaling.of(own));
      return;
    }
    String message = assertThrows(UnusableVideoException.class, () -> scaling.of(own)).getMessage();
    assertEquals(
        "expected a video of at most 64 million pixels a frame, found "
            + factor
            + " times "
            + width
            + "x"
            + height,
        message);
  }

  @Test
  void threadsMakeNoDifference() throws IOException {
    VideoFrames frames = TestFrames.of(1, 40, 30);
    byte[][] made = new byte[2][];
    for (int threads = 1; threads <= 2; threads++) {
      Path target = folder.resolve("threads" + threads);
      made[threads - 1] = written(frames, new Scaling(4, Filter.LANCZOS), 0, target, threads).rgb();
    }
    assertArrayEquals(made[0], made[1]);
    assertEquals(3 * 160 * 120, made[0].length);
  }

  private RgbImage written(VideoFrames frames, Scaling scaling, int frame) throws IOException {
    return written(frames, scaling, frame, folder.resolve("frames" + frame), 1);
  }

  private static RgbImage written(
      VideoFrames frames, Scaling scaling, int frame, Path target, int threads) throws IOException {
    VideoFormat own = new VideoFormat(frames.width(), frames.height(), FrameRate.of(25));
    try (VideoSink sink = scaling.into(VideoSink.open(target, scaling.of(own)), threads)) {
      sink.write(frames);
      sink.finish();
    }
    return RgbImage.read(target.resolve("frame-00000" + frame + ".png"));
  }
}
