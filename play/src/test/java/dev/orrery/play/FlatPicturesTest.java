package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.VideoFrames;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FlatPicturesTest {
  private final FlatPictures pictures = new FlatPictures();

  /** Two frames, of which only the last is of one colour, up to noise of a few steps. */
  private static VideoFrames wall() {
    byte[] rgb = new byte[2 * 4 * 6 * 3];
    Arrays.fill(rgb, rgb.length / 2, rgb.length, (byte) 200);
    for (int i = rgb.length / 2; i < rgb.length; i += 5) {
      rgb[i] = (byte) 206;
    }
    return new VideoFrames(2, 4, 6, rgb);
  }

  private static VideoFrames yard() {
    byte[] rgb = new byte[2 * 4 * 6 * 3];
    Arrays.fill(rgb, 0, rgb.length * 3 / 4, (byte) 200);
    return new VideoFrames(2, 4, 6, rgb);
  }

  @Test
  void twoFlatBlocksAreAWall() {
    pictures.made(3, yard());
    pictures.made(4, wall());
    assertFalse(pictures.areFlat());
    assertEquals(-1, pictures.before());
    pictures.made(5, wall());
    assertTrue(pictures.areFlat());
    assertEquals(3, pictures.before());
    pictures.made(6, wall());
    assertEquals(3, pictures.before());
    pictures.made(7, yard());
    assertFalse(pictures.areFlat());
  }

  @Test
  void aColouredEdgeIsSomethingToSee() {
    byte[] rgb = new byte[4 * 6 * 3];
    for (int i = 0; i < rgb.length / 2; i += 3) {
      rgb[i] = 40;
    }
    assertEquals(20, FlatPictures.deviation(new VideoFrames(1, 4, 6, rgb)), 1e-9);
  }
}
