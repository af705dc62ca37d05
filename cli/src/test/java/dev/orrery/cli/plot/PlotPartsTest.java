package dev.orrery.cli.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.worldplay.CameraMotion;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlotPartsTest {
  @ParameterizedTest
  @CsvSource({
    "0.08, 0.02",
    "2.48, 0.5",
    "3.99, 0.5",
    "4, 1",
    "7.99, 1",
    "8, 2",
    "20, 5",
    "0.00001, 0.000002",
    "2000000, 500000"
  })
  void scaleHasARoundLength(double extent, double step) {
    double half = extent / 2;
    assertEquals(step, new TopView(line(-half, half), 560).step());
  }

  @Test
  void viewFromAboveHasXToTheRightAndZUp() {
    TopView view = new TopView(line(1, 3), 384);
    assertEquals(new Point2D.Double(192, 292), view.at(0, 1));
    assertEquals(new Point2D.Double(192, 92), view.at(0, 3));
    assertEquals(new Point2D.Double(292, 192), view.at(1, 2));
    assertEquals(0.5, view.firstLine(0.5, false), 1e-12);
  }

  @Test
  void aHairIsNoMovement() {
    assertFalse(new TopView(line(5, 5 + 1e-7), 560).moves());
    assertTrue(new TopView(line(5, 5 + 1e-5), 560).moves());
  }

  /** A white number must be read on each colour, and a dozen must be told apart. */
  @Test
  void coloursAreDarkAndDifferent() {
    for (int frame = 0; frame <= 1000; frame++) {
      double contrast = 1.05 / (luminance(TimeColors.at(frame, 1001)) + 0.05);
      assertTrue(contrast >= 2.5, "contrast " + contrast + " at " + frame);
    }
    for (int a = 0; a < 12; a++) {
      for (int b = a + 1; b < 12; b++) {
        Color first = TimeColors.at(a, 12);
        Color second = TimeColors.at(b, 12);
        double distance =
            Math.hypot(
                Math.hypot(first.getRed() - second.getRed(), first.getGreen() - second.getGreen()),
                first.getBlue() - second.getBlue());
        assertTrue(distance >= 30, a + " and " + b + ": " + distance);
      }
    }
  }

  /** Relative luminance of sRGB, as WCAG 2 defines it. */
  private static double luminance(Color color) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double value = color.getColorComponents(null)[i];
      sum +=
          weights[i] * (value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  @Test
  void everyCharacterLooksDifferent() {
    String characters = "0123456789.xz%Bbcdklo";
    for (int a = 0; a < characters.length(); a++) {
      for (int b = a + 1; b < characters.length(); b++) {
        assertNotEquals(drawn(characters.charAt(a)), drawn(characters.charAt(b)));
      }
    }
    assertEquals(
        "no such character: -",
        assertThrows(IllegalArgumentException.class, () -> drawn('-')).getMessage());
  }

  /** Its height, and that it lies in the middle. */
  @Test
  void textStandsAroundItsMiddle() {
    BufferedImage canvas = canvas("8");
    int[] rows = {0, canvas.getHeight()};
    for (int y = 0; y < canvas.getHeight(); y++) {
      if (canvas.getRGB(20, y) == 0xFFFFFFFF) {
        rows[0] = rows[0] == 0 ? y : rows[0];
        rows[1] = y;
      }
    }
    assertEquals(10, rows[0], 2);
    assertEquals(30, rows[1], 2);
    assertEquals(20 * (0.6 + 0.28 + 0.6), StrokeFont.width("12", 20), 1e-12);
  }

  private static List<Integer> drawn(char c) {
    BufferedImage canvas = canvas(String.valueOf(c));
    return Arrays.stream(canvas.getRGB(0, 0, 40, 40, null, 0, 40)).boxed().toList();
  }

  private static BufferedImage canvas(String text) {
    BufferedImage canvas = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = canvas.createGraphics();
    g.setColor(Color.WHITE);
    StrokeFont.drawCentered(g, text, 20, 20, 20);
    g.dispose();
    return canvas;
  }

  private static CameraPath line(double fromZ, double toZ) {
    return new CameraPath(
        List.of(
            new Camera(RigidTransform.translation(0, 0, fromZ), CameraMotion.INTRINSICS),
            new Camera(RigidTransform.translation(0, 0, toZ), CameraMotion.INTRINSICS)));
  }
}
