package dev.orrery.cli.plot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.runtime.media.RgbImage;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Strips of two frames of 640 x 352 pixels: thumbnails of 320 x 176 in borders of 4, 16 apart, and
 * a plot of 560 x 560 with its corner at (704, 16), whose path has a margin of 92.
 */
class CameraStripTest {
  private static final Color SEEN = new Color(10, 200, 30);
  private static final int MIDDLE_X = 704 + 280;
  private static final int MIDDLE_Y = 16 + 280;

  /** From the middle of the plot to the end of the path. */
  private static final int REACH = 280 - 92;

  @TempDir Path folder;

  @Test
  void framesAreEvenlyChosenFromFirstToLast() {
    assertArrayEquals(new int[] {0, 4, 8, 12, 16, 19, 23, 27, 31}, CameraStrip.evenly(32, 9));
    assertArrayEquals(new int[] {0, 1, 2}, CameraStrip.evenly(3, 9));
    assertArrayEquals(new int[] {0}, CameraStrip.evenly(32, 1));
    assertArrayEquals(new int[] {0, 99_999}, CameraStrip.evenly(CameraPath.MAX_FRAMES, 2));
  }

  @Test
  void framesStandInOrderInTheColoursOfTime() {
    CameraPath path = path("w-4");
    RgbImage strip = CameraStrip.draw(path, flat(0, 4));
    assertEquals(1280, strip.width());
    assertEquals(592, strip.height());
    assertColor(TimeColors.at(0, 5), strip, 17, 205);
    assertColor(SEEN, strip, 16 + 164, 204 + 92);
    assertColor(TimeColors.at(4, 5), strip, 361, 205);
    assertColor(SEEN, strip, 360 + 164, 204 + 92);
    assertColor(Color.WHITE, strip, 350, 296);
  }

  @Test
  void dotsLieWhereTheCamerasAre() {
    RgbImage forward = CameraStrip.draw(path("w-4"), flat(0, 1, 4));
    int x = MIDDLE_X + forward.width() - 1280;
    assertColor(TimeColors.at(0, 5), forward, x, MIDDLE_Y + REACH);
    assertColor(TimeColors.at(1, 5), forward, x, MIDDLE_Y + REACH / 2);
    assertColor(TimeColors.at(4, 5), forward, x, MIDDLE_Y - REACH);

    RgbImage right = CameraStrip.draw(path("d-4"), flat(0, 4));
    assertColor(TimeColors.at(0, 5), right, MIDDLE_X - REACH, MIDDLE_Y);
    assertColor(TimeColors.at(4, 5), right, MIDDLE_X + REACH, MIDDLE_Y);
  }

  /** Four steps forward and three to the right: as high as the plot, and three quarters as wide. */
  @Test
  void bothAxesHaveOneScale() {
    RgbImage strip = CameraStrip.draw(path("w-4, d-3"), flat(0, 7));
    int x = REACH * 3 / 4;
    assertColor(TimeColors.at(0, 8), strip, MIDDLE_X - x, MIDDLE_Y + REACH);
    assertColor(TimeColors.at(7, 8), strip, MIDDLE_X + x, MIDDLE_Y - REACH);
  }

  /** The way out lies to the right of the middle, the way back to the left. */
  @Test
  void showsTheWayOutBesideTheWayBack() {
    RgbImage strip = CameraStrip.draw(path("w-2, s-2"), flat(0, 4));
    int y = MIDDLE_Y + REACH / 2;
    assertColor(TimeColors.at(1, 5), strip, MIDDLE_X + 2, y);
    assertColor(TimeColors.at(4, 5), strip, MIDDLE_X - 3, y);
  }

  @Test
  void earlierDotsAreRingsAroundLaterOnesAtTheSamePlace() {
    RgbImage strip = CameraStrip.draw(path("w-2, s-2"), flat(0, 4));
    assertColor(TimeColors.at(4, 5), strip, MIDDLE_X, MIDDLE_Y + REACH);
    assertColor(TimeColors.at(0, 5), strip, MIDDLE_X, MIDDLE_Y + REACH + 8);
  }

  /** First forward, up in the plot, then after half a turn down; no scale without a length. */
  @Test
  void cameraThatOnlyTurnsStandsInTheMiddle() {
    CameraPath path = path("right-60");
    RgbImage strip = CameraStrip.draw(path, flat(0, 60));
    assertColor(TimeColors.at(60, 61), strip, MIDDLE_X, MIDDLE_Y);
    RgbImage start = CameraStrip.draw(path, flat(0));
    int middle = MIDDLE_X + start.width() - 1280;
    Color background = color(start, middle, MIDDLE_Y + 60);
    Color view = color(start, middle + 20, MIDDLE_Y - 60);
    assertNotEquals(background, view);
    assertTrue(view.getBlue() > view.getGreen() + 10, "tinted in the colour of frame 0");
    assertColor(background, start, middle + 140, MIDDLE_Y);
    assertNotEquals(background, color(strip, MIDDLE_X + 20, MIDDLE_Y + 60));
  }

  @Test
  void showsARolloutOfOneFrame() {
    RgbImage strip = CameraStrip.draw(path(""), flat(0));
    assertEquals(328 + 560 + 48, strip.width());
    assertColor(TimeColors.at(0, 1), strip, strip.width() - 16 - 280, MIDDLE_Y);
  }

  @Test
  void equalInputsGiveEqualBytes() {
    CameraPath path = path("right-10, d-5, w-20, left-7, s-3");
    List<Shown> shown = flat(CameraStrip.evenly(path.frames(), 12));
    assertArrayEquals(CameraStrip.draw(path, shown).rgb(), CameraStrip.draw(path, shown).rgb());
  }

  @Test
  void writesAPngOrNothing() throws IOException {
    Path file = folder.resolve("strip.png");
    Files.writeString(file, "is replaced");
    CameraPath path = path("w-3");
    CameraStrip.write(path, flat(0, 3), file);
    assertArrayEquals(CameraStrip.draw(path, flat(0, 3)).rgb(), RgbImage.read(file).rgb());
    Path missing = folder.resolve("missing/strip.png");
    IOException e =
        assertThrows(IOException.class, () -> CameraStrip.write(path, flat(0), missing));
    assertTrue(e.getMessage().startsWith(missing + ": the folder "), e.getMessage());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void refusesFramesThatAreNotOfThePath() {
    CameraPath path = path("w-3");
    assertRefused(path, List.of(), "expected 1 to 64 frames, found 0");
    assertRefused(path, flat(0, 4), "expected a latent frame from 1 to 3, found 4");
    assertRefused(path, flat(2, 2), "expected a latent frame from 3 to 3, found 2");
    assertRefused(path, flat(-1), "expected a latent frame from 0 to 3, found -1");
    Shown other = new Shown(1, new RgbImage(1, 2, new byte[6]));
    assertRefused(
        path, List.of(flat(0).getFirst(), other), "expected frames of 640x352 pixels, found 1x2");
  }

  private static void assertRefused(CameraPath path, List<Shown> shown, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> CameraStrip.draw(path, shown));
    assertEquals("camera strip: " + message, e.getMessage());
  }

  private static CameraPath path(String poses) {
    return CameraMotion.path(PoseString.parse(poses));
  }

  private static List<Shown> flat(int... frames) {
    byte[] rgb = new byte[3 * 640 * 352];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) SEEN.getRed();
      rgb[i + 1] = (byte) SEEN.getGreen();
      rgb[i + 2] = (byte) SEEN.getBlue();
    }
    RgbImage picture = new RgbImage(640, 352, rgb);
    return Arrays.stream(frames).mapToObj(frame -> new Shown(frame, picture)).toList();
  }

  /** Within the little that smooth edges nearby may add. */
  private static void assertColor(Color expected, RgbImage strip, int x, int y) {
    Color found = color(strip, x, y);
    int error =
        Math.abs(expected.getRed() - found.getRed())
            + Math.abs(expected.getGreen() - found.getGreen())
            + Math.abs(expected.getBlue() - found.getBlue());
    assertTrue(error <= 20, "expected " + expected + " at " + x + ", " + y + ", found " + found);
  }

  private static Color color(RgbImage strip, int x, int y) {
    int at = 3 * (y * strip.width() + x);
    byte[] rgb = strip.rgb();
    return new Color(rgb[at] & 0xff, rgb[at + 1] & 0xff, rgb[at + 2] & 0xff);
  }
}
