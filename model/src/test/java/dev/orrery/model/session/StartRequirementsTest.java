package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.media.RgbImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartRequirementsTest {
  /** Pictures of the usual shapes: phones both ways, squares, wide screens, panoramas, icons. */
  @ParameterizedTest
  @CsvSource({
    "1080, 2400, 640, 352",
    "4000, 3000, 96, 64",
    "512, 512, 1280, 704",
    "5120, 1440, 640, 352",
    "8000, 1000, 640, 352",
    "8000, 1000, 96, 64",
    "64, 64, 1280, 704",
    "640, 352, 640, 352",
    "3, 2, 96, 64",
  })
  void usualPicturesPass(int columns, int rows, int width, int height) {
    assertDoesNotThrow(() -> start(columns, rows, width, height));
  }

  @ParameterizedTest
  @CsvSource({
    "3000, 20, 640, 352",
    "3000, 20, 96, 64",
    "20, 3000, 1280, 704",
    "100000, 1, 32, 16",
    "1, 100000, 32, 16",
    "1200, 64, 96, 64",
  })
  void stripsAreRefused(int columns, int rows, int width, int height) {
    assertEquals(
        ("start image: %dx%d pixels are too far from the shape of %dx%d;"
                + " cut out the part to start from")
            .formatted(columns, rows, width, height),
        refusal(columns, rows, width, height));
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 96, 64", "1, 1, 640, 352", "39, 22, 1280, 704"})
  void specksAreRefused(int columns, int rows, int width, int height) {
    assertEquals(
        "start image: %dx%d pixels are too few for a video of %dx%d"
            .formatted(columns, rows, width, height),
        refusal(columns, rows, width, height));
  }

  private static String refusal(int columns, int rows, int width, int height) {
    return assertThrows(UnusableImageException.class, () -> start(columns, rows, width, height))
        .getMessage();
  }

  private static void start(int columns, int rows, int width, int height) {
    RgbImage image = new RgbImage(columns, rows, new byte[3 * columns * rows]);
    new StartRequirements(1, 1, false, width, height).check(Start.of(image, 0));
  }
}
