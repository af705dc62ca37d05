package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The trained demo world answers every key in the right direction, seen on its frames: what is
 * turned or stepped to the left moves to the right, what is walked to grows. Limits are about half
 * of what was seen.
 */
class DemoWorldDirectionTest {
  private static final String KEYS = "jladws";
  private static final int CHUNKS = 2;
  private static final int FARTHEST_SHIFT = 12;

  /** Frames apart that are compared for growth, which is slow beside turning. */
  private static final int GROWTH_FRAMES = 12;

  private static Map<Character, Motion> motions;

  /**
   * How content moves while a key is held.
   *
   * @param shift columns to the right, of all frames together
   * @param growth logarithm of the scale around the centre, summed over some pairs of frames
   */
  private record Motion(int shift, double growth) {}

  /** A frame as brightness. */
  private record Gray(int rows, int columns, float[] values) {
    float at(int y, int x) {
      return values[y * columns + x];
    }

    /** Brightness between pixels. */
    double at(double y, double x) {
      int top = (int) y;
      int left = (int) x;
      double down = y - top;
      double right = x - left;
      return (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1))
          + down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
    }
  }

  @BeforeAll
  static void play() throws Exception {
    Map<Character, Motion> played = new HashMap<>();
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = MatrixGame2.load(DemoWorldGoldenTest.FOLDER, backend, Progress.NONE)) {
      for (char key : KEYS.toCharArray()) {
        played.put(key, motion(play(model, Character.toString(key))));
      }
    }
    motions = played;
  }

  @Test
  void everyKeyMovesTheImageItsWay() {
    requireDirections(motions);
  }

  /** What a wrong encoding of any two keys would show. */
  @Test
  void swappedKeysAreFound() {
    for (char one : KEYS.toCharArray()) {
      for (char other : KEYS.toCharArray()) {
        if (one < other) {
          Map<Character, Motion> swapped = new HashMap<>(motions);
          swapped.put(one, motions.get(other));
          swapped.put(other, motions.get(one));
          assertThrows(
              AssertionError.class, () -> requireDirections(swapped), one + " and " + other);
        }
      }
    }
  }

  private static void requireDirections(Map<Character, Motion> motions) {
    requireShift(motions, 'j', 45, Integer.MAX_VALUE);
    requireShift(motions, 'l', -Integer.MAX_VALUE, -45);
    requireShift(motions, 'a', 11, 44);
    requireShift(motions, 'd', -44, -11);
    requireShift(motions, 'w', -10, 10);
    requireShift(motions, 's', -10, 10);
    assertTrue(motions.get('w').growth() > 0.2, () -> "forward: " + motions.get('w'));
    assertTrue(motions.get('s').growth() < -0.1, () -> "back: " + motions.get('s'));
  }

  private static void requireShift(Map<Character, Motion> motions, char key, int least, int most) {
    int shift = motions.get(key).shift();
    assertTrue(
        least <= shift && shift <= most,
        key + ": expected content to move by " + least + " to " + most + ", found " + shift);
  }

  private static Motion motion(List<Gray> frames) {
    int shift = 0;
    for (int f = 1; f < frames.size(); f++) {
      shift += shift(frames.get(f - 1), frames.get(f));
    }
    double growth = 0;
    for (int f = GROWTH_FRAMES; f < frames.size(); f += 4) {
      growth += growth(frames.get(f - GROWTH_FRAMES), frames.get(f));
    }
    return new Motion(shift, growth);
  }

  /** The shift of columns at which the middle of two frames differs least. */
  private static int shift(Gray before, Gray after) {
    int best = 0;
    double least = Double.MAX_VALUE;
    for (int shift = -FARTHEST_SHIFT; shift <= FARTHEST_SHIFT; shift++) {
      double difference = 0;
      for (int y = 8; y < after.rows() - 8; y++) {
        for (int x = FARTHEST_SHIFT; x < after.columns() - FARTHEST_SHIFT; x++) {
          difference += Math.abs(after.at(y, x) - before.at(y, x - shift));
        }
      }
      if (difference < least) {
        least = difference;
        best = shift;
      }
    }
    return best;
  }

  /** The logarithm of the scale at which the middle of two frames differs least. */
  private static double growth(Gray before, Gray after) {
    double best = 0;
    double least = Double.MAX_VALUE;
    double row = after.rows() / 2.0;
    double column = after.columns() / 2.0;
    for (int step = -20; step <= 20; step++) {
      double growth = 0.02 * step;
      double scale = Math.exp(growth);
      double difference = 0;
      for (int y = after.rows() / 4; y < after.rows() * 3 / 4; y++) {
        for (int x = after.columns() / 4; x < after.columns() * 3 / 4; x++) {
          double from = before.at(row + (y - row) / scale, column + (x - column) / scale);
          difference += Math.abs(after.at(y, x) - from);
        }
      }
      if (difference < least) {
        least = difference;
        best = growth;
      }
    }
    return best;
  }

  private static List<Gray> play(WorldModel model, String key) throws Exception {
    List<Gray> frames = new ArrayList<>();
    RgbImage start = RgbImage.read(DemoWorldGoldenTest.FOLDER.resolve("start.png"));
    try (WorldSession session = model.start(start, 7, Progress.NONE)) {
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        VideoFrames video = session.step(model.actionSpace().controls().action(Set.of(key)));
        int pixels = video.height() * video.width();
        for (int f = 0; f < video.count(); f++) {
          float[] values = new float[pixels];
          for (int i = 0; i < 3 * pixels; i++) {
            values[i / 3] += video.rgb()[f * 3 * pixels + i] & 0xFF;
          }
          frames.add(new Gray(video.height(), video.width(), values));
        }
      }
    }
    return frames;
  }
}
