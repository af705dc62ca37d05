package dev.orrery.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.video.UnusableVideoException.Problem;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.FileImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoSinkTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "96, 64, 25, 17, 39",
    "160, 96, 12, 5, 39",
    "33, 17, 30, 3, 33",
    "640, 352, 25, 3, 39"
  })
  void mp4KeepsPicturesCountAndSpeed(int width, int height, int fps, int count, double decibels)
      throws IOException {
    Path file = folder.resolve("a b%d:c.mp4");
    VideoFrames frames = TestFrames.of(count, width, height);
    write(file, frames, fps);
    Mp4Reader read = Mp4Reader.read(file);
    assertEquals(fps, read.framesPerSecond());
    assertEquals((double) count / fps, read.seconds(), 1e-3);
    assertEquals(width + width % 2, read.width());
    assertEquals(height + height % 2, read.height());
    assertEquals(count, read.frames().size());
    for (int i = 0; i < count; i++) {
      double psnr = psnr(frames, i, read.frames().get(i), read.width());
      assertTrue(psnr > decibels, "frame " + i + ": " + psnr + " dB");
    }
    assertOnly(file);
  }

  /**
   * The encoder gives up on noise, which becomes larger than its samples unless it gets coarser.
   */
  @Test
  void mp4KeepsNoise() throws IOException {
    Path file = folder.resolve("noise.mp4");
    int width = 160;
    int height = 100;
    VideoFrames frames = TestFrames.of(9, width, height);
    byte[] noise = new byte[3 * 3 * width * height];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, frames.rgb(), 3 * 3 * width * height, noise.length);
    write(file, frames, 20);
    Mp4Reader read = Mp4Reader.read(file);
    assertEquals(9, read.frames().size());
    for (int i = 0; i < 9; i++) {
      double psnr = psnr(frames, i, read.frames().get(i), read.width());
      boolean noisy = i >= 3 && i < 6;
      assertTrue(psnr > (noisy ? 9 : 30), "frame " + i + ": " + psnr + " dB");
    }
  }

  @Test
  void mp4BeginsWithItsIndex() throws IOException {
    Path file = folder.resolve("a.mp4");
    write(file, TestFrames.of(5, 32, 32), 25);
    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    assertTrue(bytes.indexOf("moov") < bytes.indexOf("mdat"));
  }

  @Test
  void mp4RefusesTinyPictures() throws IOException {
    Path file = folder.resolve("a.mp4");
    assertUnusable(
        Problem.TOO_SMALL,
        "a.mp4: an MP4 needs at least 16x16 pixels, found 15x40; write a .gif or a folder instead",
        file,
        new VideoFormat(15, 40, FrameRate.of(25)));
    assertOnly();
  }

  /** To the fraction: what a player computes from the time of each frame in the file. */
  @ParameterizedTest
  @CsvSource({
    "23.976, 24000, 1001",
    "29.97, 30000, 1001",
    "59.94, 60000, 1001",
    "30000/1001, 30000, 1001",
    "12.5, 25, 2",
    "7/3, 7, 3",
    "1.000001, 1000001, 1000000",
    "119.88, 120000, 1001"
  })
  void mp4KeepsFractionalRates(String rate, int frames, int seconds) throws IOException {
    Path file = folder.resolve("a.mp4");
    write(file, TestFrames.of(30, 32, 32), FrameRate.parse(rate));
    Mp4Reader read = Mp4Reader.read(file);
    assertEquals((double) frames / seconds, read.framesPerSecond());
    assertEquals(30.0 * seconds / frames, read.seconds(), 1e-9);
    assertEquals(30, read.frames().size());
  }

  /** The delay of each frame is rounded, but the sum of all stays within half a hundredth. */
  @Test
  void gifKeepsFractionalRatesInTheSum() throws IOException {
    Path file = folder.resolve("a.gif");
    write(file, TestFrames.of(50, 16, 16), FrameRate.parse("23.976"));
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (FileImageInputStream stream = new FileImageInputStream(file.toFile())) {
      reader.setInput(stream);
      int hundredths = 0;
      for (int i = 0; i < 50; i++) {
        IIOMetadataNode control = node(reader, i, "GraphicControlExtension");
        hundredths += Integer.parseInt(control.getAttribute("delayTime"));
        assertEquals((i + 1) * 100 * 1001 / 24000.0, hundredths, 0.5);
      }
    }
  }

  @Test
  void framesBeyondAnArrayAreRefused() {
    FrameRate rate = FrameRate.of(25);
    assertEquals(
        "expected a frame of at most 2147483639 bytes, found 26755x26755 pixels",
        assertThrows(IllegalArgumentException.class, () -> new VideoFormat(26_755, 26_755, rate))
            .getMessage());
    assertEquals(3 * 26_754 * 26_755, new VideoFormat(26_754, 26_755, rate).frameBytes());
  }

  @Test
  void sizesBeyondAKindAreRefused() throws IOException {
    FrameRate rate = FrameRate.of(25);
    assertUnusable(
        Problem.TOO_LARGE,
        "a.mp4: 4096x2320 pixels are too many for H.264; write a .gif or a folder instead",
        folder.resolve("a.mp4"),
        new VideoFormat(4096, 2320, rate));
    assertUnusable(
        Problem.TOO_LARGE,
        "a.gif: 65536x16 pixels are too many for a GIF; write a folder instead",
        folder.resolve("a.gif"),
        new VideoFormat(65_536, 16, rate));
    assertOnly();
  }

  @Test
  void gifKeepsCountDelayAndRepeats() throws IOException {
    Path file = folder.resolve("a.gif");
    VideoFrames frames = TestFrames.of(12, 40, 24);
    write(file, frames, 12);
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (FileImageInputStream stream = new FileImageInputStream(file.toFile())) {
      reader.setInput(stream);
      assertEquals(12, reader.getNumImages(true));
      int hundredths = 0;
      for (int i = 0; i < 12; i++) {
        IIOMetadataNode control = node(reader, i, "GraphicControlExtension");
        hundredths += Integer.parseInt(control.getAttribute("delayTime"));
        assertTrue(psnr(frames, i, rgb(reader.read(i)), 40) > 27);
      }
      assertEquals(100, hundredths);
      IIOMetadataNode application = node(reader, 0, "ApplicationExtension");
      assertEquals("NETSCAPE", application.getAttribute("applicationID"));
      assertArrayEquals(new byte[] {1, 0, 0}, (byte[]) application.getUserObject());
    }
    assertUnusable(
        Problem.TOO_FAST,
        "at most 50 frames per second, found 60000/1001",
        file,
        new VideoFormat(8, 8, FrameRate.parse("59.94")));
  }

  @Test
  void folderHoldsEveryFrameExactly() throws IOException {
    Path target = folder.resolve("frames");
    Files.createDirectory(target);
    VideoFrames frames = TestFrames.of(3, 13, 7);
    write(target, frames, 25);
    for (int i = 0; i < 3; i++) {
      RgbImage image = RgbImage.read(target.resolve("frame-00000" + i + ".png"));
      assertEquals(13, image.width());
      int size = 3 * 13 * 7;
      assertArrayEquals(Arrays.copyOfRange(frames.rgb(), i * size, (i + 1) * size), image.rgb());
    }
    assertOnly(target);
    assertMessage(
        "not empty", () -> VideoSink.open(target, new VideoFormat(8, 8, FrameRate.of(25))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif", "frames"})
  void equalFramesGiveEqualBytes(String name) throws IOException {
    VideoFrames frames = TestFrames.of(9, 64, 48);
    Path first = Files.createDirectory(folder.resolve("first")).resolve(name);
    Path second = Files.createDirectory(folder.resolve("second")).resolve(name);
    write(first, frames, 25);
    write(second, frames, 25);
    for (Path file : files(first)) {
      Path other = first.equals(file) ? second : second.resolve(file.getFileName());
      assertEquals(-1, Files.mismatch(file, other));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif", "frames"})
  void nothingIsLeftWithoutFinish(String name) throws IOException {
    VideoFrames frames = TestFrames.of(9, 64, 48);
    VideoSink sink =
        VideoSink.open(folder.resolve(name), new VideoFormat(64, 48, FrameRate.of(25)));
    sink.write(frames);
    sink.close();
    sink.close();
    assertOnly();
    assertMessage("was closed", () -> sink.write(frames));
    assertMessage("was closed", sink::finish);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif"})
  void filesAreReplaced(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, "old");
    VideoSink sink = VideoSink.open(file, new VideoFormat(64, 48, FrameRate.of(25)));
    sink.write(TestFrames.of(2, 64, 48));
    assertEquals("old", Files.readString(file));
    sink.finish();
    sink.close();
    assertTrue(Files.size(file) > 500);
    assertOnly(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif", "frames"})
  void placesThatCannotBeWrittenAreRefused(String name) throws IOException {
    VideoFormat format = new VideoFormat(64, 48, FrameRate.of(25));
    assertMessage(
        "does not exist", () -> VideoSink.open(folder.resolve("none").resolve(name), format));
    Path taken = folder.resolve("taken.mp4");
    Files.createDirectories(taken.resolve("inside"));
    assertMessage("taken.mp4: is a folder", () -> VideoSink.open(taken, format));
    Path file = Files.createFile(folder.resolve("file"));
    assertMessage("is a file", () -> VideoSink.open(file, format));
    Path unknown = folder.resolve("a.avi");
    UnusableVideoException refused =
        assertThrows(UnusableVideoException.class, () -> VideoSink.open(unknown, format));
    assertTrue(refused.getMessage().contains("unknown kind"), refused.getMessage());
    assertEquals(Problem.UNKNOWN_KIND, refused.problem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif", "frames"})
  void framesOfAnotherSizeAreRefused(String name) throws IOException {
    try (VideoSink sink =
        VideoSink.open(folder.resolve(name), new VideoFormat(64, 48, FrameRate.of(25)))) {
      VideoFrames other = TestFrames.of(1, 48, 64);
      assertEquals(
          "expected frames of 64x48, found 1 of 48x64 in 9216 bytes",
          assertThrows(IllegalArgumentException.class, () -> sink.write(other)).getMessage());
    }
  }

  private static void write(Path target, VideoFrames frames, int fps) throws IOException {
    write(target, frames, FrameRate.of(fps));
  }

  private static void write(Path target, VideoFrames frames, FrameRate rate) throws IOException {
    VideoFormat format = new VideoFormat(frames.width(), frames.height(), rate);
    int frameBytes = format.frameBytes();
    try (VideoSink sink = VideoSink.open(target, format)) {
      int half = frames.count() / 2;
      for (int[] part : new int[][] {{0, half}, {half, frames.count()}}) {
        byte[] rgb = Arrays.copyOfRange(frames.rgb(), part[0] * frameBytes, part[1] * frameBytes);
        sink.write(new VideoFrames(part[1] - part[0], frames.height(), frames.width(), rgb));
      }
      assertFalse(Files.isRegularFile(target));
      sink.finish();
    }
  }

  private void assertOnly(Path... expected) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(expected), files.toList());
    }
  }

  private static void assertUnusable(
      Problem problem, String expected, Path target, VideoFormat format) {
    for (Executable run :
        List.<Executable>of(
            () -> VideoSink.check(target, format), () -> VideoSink.open(target, format))) {
      UnusableVideoException refused = assertThrows(UnusableVideoException.class, run);
      assertTrue(refused.getMessage().endsWith(expected), refused.getMessage());
      assertEquals(problem, refused.problem());
    }
  }

  private static void assertMessage(String expected, Executable run) {
    String message = assertThrows(IOException.class, run).getMessage();
    assertTrue(message.contains(expected), message);
  }

  private static List<Path> files(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(target)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static IIOMetadataNode node(ImageReader reader, int image, String name)
      throws IOException {
    IIOMetadataNode root =
        (IIOMetadataNode) reader.getImageMetadata(image).getAsTree("javax_imageio_gif_image_1.0");
    return (IIOMetadataNode) root.getElementsByTagName(name).item(0);
  }

  private static byte[] rgb(BufferedImage image) {
    byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
    for (int i = 0; i < rgb.length; i += 3) {
      int color = image.getRGB(i / 3 % image.getWidth(), i / 3 / image.getWidth());
      rgb[i] = (byte) (color >> 16);
      rgb[i + 1] = (byte) (color >> 8);
      rgb[i + 2] = (byte) color;
    }
    return rgb;
  }

  /** In decibels; rows of the image that was read may be longer. */
  private static double psnr(VideoFrames expected, int frame, byte[] found, int foundWidth) {
    double sum = 0;
    int from = frame * 3 * expected.width() * expected.height();
    for (int y = 0; y < expected.height(); y++) {
      for (int x = 0; x < 3 * expected.width(); x++) {
        int a = expected.rgb()[from + y * 3 * expected.width() + x] & 255;
        int b = found[y * 3 * foundWidth + x] & 255;
        sum += (a - b) * (a - b);
      }
    }
    double mean = sum / (3.0 * expected.width() * expected.height());
    return 10 * Math.log10(255 * 255 / mean);
  }
}
