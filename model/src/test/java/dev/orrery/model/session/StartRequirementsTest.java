package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.media.RgbImage;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
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

  /** Of a stretched picture nothing is lost, whatever its shape; a speck remains one. */
  @Test
  void stretchedPicturesMayHaveAnyShape() {
    StartRequirements stretched = StartRequirements.of(640, 352).withStretchedImages(1, 32);
    stretched.check(Start.of(image(3000, 20), 0));
    stretched.check(Start.of(image(20, 3000), 0));
    assertThrows(UnusableStartException.class, () -> stretched.check(image(19, 3000)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|1|0|expected 1 image, found 0",
        "1|1|2|expected 1 image, found 2",
        "0|1|2|expected 0 to 1 image, found 2",
        "0|0|1|expected no images, found 1",
        "1|32|0|expected 1 to 32 images, found 0",
        "1|32|33|expected 1 to 32 images, found 33",
        "8|8|7|expected 8 images, found 7",
      })
  void tooFewAndTooManyAreRefusedByNumber(int least, int most, int count, String expected) {
    StartRequirements required = StartRequirements.of(32, 16).withImages(least, most);
    Start start = Start.of(Collections.nCopies(count, image(32, 16)), 0);
    assertEquals("start: " + expected, refusal(required, start));
    required.check(Start.of(Collections.nCopies(most, image(32, 16)), 0));
  }

  @Test
  void tokensStandForImages() {
    StartRequirements none = StartRequirements.of(32, 16).withImages(2, 2);
    StartRequirements some =
        none.withTokens(new StartRequirements.Tokens(2, 3, 2, 4, 10)).withPrompt();
    some.check(Start.of(tokens(2, 2, 4), 0));
    some.check(Start.of(tokens(3, 2, 4), 0));
    some.check(Start.of(Collections.nCopies(2, image(32, 16)), 0));
    assertEquals(
        "start: expected 2 images or tokens, found 0", refusal(some, Start.of(List.of(), 0)));
    assertEquals(
        "start: expected no tokens, found some", refusal(none, Start.of(tokens(2, 2, 4), 0)));
    Start both =
        new Start(List.of(image(32, 16)), Optional.of(tokens(2, 2, 4)), Optional.empty(), 0);
    assertEquals("start: expected images or tokens, found both", refusal(some, both));
    assertEquals(
        "tokens: expected 2 to 3 frames of 2x4 ids, found 4 of 2x4",
        refusal(some, Start.of(tokens(4, 2, 4), 0)));
    assertEquals(
        "tokens: expected 2 to 3 frames of 2x4 ids, found 2 of 4x2",
        refusal(some, Start.of(tokens(2, 4, 2), 0)));
    TokenFrames outside = tokens(3, 2, 4);
    outside.ids()[2 * 8 + 4 + 3] = 10;
    assertEquals(
        "tokens: expected ids of 0 to 9, found 10 in frame 2, row 1, column 3",
        refusal(some, Start.of(outside, 0)));
    EncodedPrompt prompt = new EncodedPrompt("", "", Optional.empty(), Map.of());
    some.check(Start.of(tokens(2, 2, 4), 0).prompted(prompt));
    assertEquals("start: expected no prompt, found one", refusal(none, Start.of(prompt, 0)));
  }

  private static TokenFrames tokens(int frames, int rows, int columns) {
    return new TokenFrames(frames, rows, columns, new int[frames * rows * columns]);
  }

  private static RgbImage image(int columns, int rows) {
    return new RgbImage(columns, rows, new byte[3 * columns * rows]);
  }

  private static String refusal(StartRequirements required, Start start) {
    return assertThrows(UnusableStartException.class, () -> required.check(start)).getMessage();
  }

  private static String refusal(int columns, int rows, int width, int height) {
    return assertThrows(UnusableStartException.class, () -> start(columns, rows, width, height))
        .getMessage();
  }

  private static void start(int columns, int rows, int width, int height) {
    StartRequirements.of(width, height).withImages(1, 1).check(Start.of(image(columns, rows), 0));
  }
}
