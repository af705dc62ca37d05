package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.video.FrameRate;
import dev.orrery.video.Scaling;
import dev.orrery.video.VideoFormat;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputVideoTest {
  @Test
  void theFormatIsThatOfTheEnlargedFrames() {
    FrameRate rate = FrameRate.of(25);
    assertEquals(
        new VideoFormat(96, 48, rate), video("a.mp4", 3).format(new VideoFormat(32, 16, rate)));
  }

  /** Each names the option that helps. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.mp4 | 1 | 15 | 40 | 25 | a.mp4: an MP4 needs at least 16x16 pixels, found 15x40; write a"
            + " .gif or a folder instead, or enlarge it with --scale",
        "a.mp4 | 2 | 2048 | 1160 | 25 | a.mp4: 4096x2320 pixels are too many for H.264; write a .gif"
            + " or a folder instead, or take a smaller --scale",
        "a.gif | 2 | 32768 | 8 | 25 | a.gif: 65536x16 pixels are too many for a GIF; write a folder"
            + " instead, or take a smaller --scale",
        "a.gif | 2 | 8 | 8 | 60 | a.gif: a GIF shows at most 50 frames per second, found 60",
        "a.avi | 2 | 8 | 8 | 60 | \"a.avi\": unknown kind of video; end the name in .mp4 or .gif, or"
            + " name a folder",
        "a | 9 | 1280 | 704 | 25 | --scale: expected a video of at most 64 million pixels a frame,"
            + " found 9 times 1280x704"
      })
  void aRefusalSaysWhichOptionHelps(
      String target, int factor, int width, int height, int rate, String expected) {
    VideoFormat own = new VideoFormat(width, height, FrameRate.of(rate));
    OutputVideo video = video(target, factor);
    assertEquals(
        expected, assertThrows(UnusableInputException.class, () -> video.format(own)).getMessage());
  }

  private static OutputVideo video(String target, int factor) {
    return new OutputVideo(Path.of(target), new Scaling(factor, Scaling.Filter.NEAREST));
  }
}
