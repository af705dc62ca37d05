package dev.orrery.cli.plot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.SessionComparison;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.trace.ActivationError;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ErrorPlotTest {
  /** The last point of a rising line stands higher than the first, in the colour of its block. */
  @Test
  void linesRiseWithTheError() {
    List<SessionComparison> comparisons =
        List.of(comparison(0, 0.01, 31.5), comparison(1, 0.03, 24.25));
    RgbImage image = ErrorPlot.draw(comparisons);
    int[] blue = rows(image, 0x1f, 0x77, 0xb4);
    int[] orange = rows(image, 0xd6, 0x5f, 0x0e);
    assertTrue(blue[0] > blue[1] + 40, blue[0] + " to " + blue[1]);
    assertTrue(orange[1] < blue[1] - 40, orange[1] + " above " + blue[1]);
    assertArrayEquals(image.rgb(), ErrorPlot.draw(comparisons).rgb());
    ErrorPlot.draw(List.of(comparison(0, 0, Double.POSITIVE_INFINITY)));
  }

  private static SessionComparison comparison(int block, double slope, double decibels) {
    List<ActivationError> layers =
        IntStream.range(0, 30)
            .mapToObj(i -> new ActivationError("step0.block" + i + ".out", 1, slope * (i + 1) / 30))
            .toList();
    return new SessionComparison(block, layers, decibels);
  }

  /** The middle rows of a colour near the left and near the right end of the lines. */
  private static int[] rows(RgbImage image, int red, int green, int blue) {
    int[] found = new int[2];
    int[] columns = {76 + 8, 640 - 96 - 8};
    for (int end = 0; end < 2; end++) {
      for (int y = 0; y < image.height(); y++) {
        int at = 3 * (y * image.width() + columns[end]);
        byte[] rgb = image.rgb();
        if ((rgb[at] & 255) == red && (rgb[at + 1] & 255) == green && (rgb[at + 2] & 255) == blue) {
          found[end] = y;
        }
      }
    }
    return found;
  }
}
