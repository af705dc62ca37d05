package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.media.RgbImage;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VideoFramesTest {
  private static final VideoFrames FRAMES = new VideoFrames(3, 2, 5, noise(3 * 2 * 5 * 3));

  private static byte[] noise(int count) {
    byte[] bytes = new byte[count];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aFrameIsAnImageOfItsOwn() {
    for (int frame = 0; frame < 3; frame++) {
      RgbImage image = FRAMES.image(frame);
      assertEquals(5, image.width());
      assertEquals(2, image.height());
      byte[] expected = Arrays.copyOfRange(FRAMES.rgb(), 30 * frame, 30 * frame + 30);
      assertArrayEquals(expected, image.rgb());
      image.rgb()[0]++;
      assertArrayEquals(expected, FRAMES.image(frame).rgb());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void thereAreNoOthers(int frame) {
    assertEquals(
        "frame: expected 0 to 2, found " + frame,
        assertThrows(IllegalArgumentException.class, () -> FRAMES.image(frame)).getMessage());
  }
}
