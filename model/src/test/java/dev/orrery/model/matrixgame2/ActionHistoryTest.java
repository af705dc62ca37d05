package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActionHistoryTest {
  private static final int KEYS = 3;
  private static final int AXES = 2;
  private static final int WINDOW = 12;

  private static ActionConfig config(int keys, int axes) {
    return new ActionConfig(Set.of(0), true, true, 2, 8, 24, keys, 24, axes, 24, 4, 256, 4, 3);
  }

  /** An action that tells its video frame. */
  private static KeyboardMouse action(float frame) {
    return new KeyboardMouse(
        new float[] {frame, -frame, frame + 0.5f}, new float[] {2 * frame, 3 * frame});
  }

  /** A first block of 4n - 3 video frames, then blocks of 4n. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void aLongSessionSeesWhatAPlainListGives(int framesPerChunk) {
    ActionHistory history = new ActionHistory(config(KEYS, AXES), framesPerChunk);
    List<KeyboardMouse> all = new ArrayList<>();
    for (int block = 0; block < 40; block++) {
      int count = 4 * framesPerChunk - (block == 0 ? 3 : 0);
      List<KeyboardMouse> next = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        next.add(action(all.size() + i + 1));
      }
      history.put(all.size(), next);
      all.addAll(next);
      long start = (long) block * framesPerChunk;
      for (int pass = 0; pass < 2; pass++) {
        float[] keys = history.keyboardWindows(start, framesPerChunk);
        float[] mouse = history.mouseWindows(start, framesPerChunk);
        assertEquals(framesPerChunk * WINDOW * KEYS, keys.length);
        assertEquals(framesPerChunk * WINDOW * AXES, mouse.length);
        for (int f = 0; f < framesPerChunk; f++) {
          for (int i = 0; i < WINDOW; i++) {
            // Latent frame f sees the video frames 4f - 12 to 4f - 1; before the first is the
            // first.
            KeyboardMouse seen = all.get((int) Math.max(0, 4 * (start + f) - 12 + i));
            int at = f * WINDOW + i;
            String what = "block " + block + ", frame " + f + ", action " + i;
            for (int k = 0; k < KEYS; k++) {
              assertEquals(seen.keyboard()[k], keys[at * KEYS + k], what);
            }
            for (int a = 0; a < AXES; a++) {
              assertEquals(seen.mouse()[a], mouse[at * AXES + a], what);
            }
          }
        }
      }
    }
  }

  @Test
  void theFirstLatentFrameSeesTheFirstActionOnly() {
    ActionHistory history = new ActionHistory(config(1, 0), 3);
    List<KeyboardMouse> actions = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      actions.add(new KeyboardMouse(new float[] {i}, new float[0]));
    }
    history.put(0, actions);
    assertArrayEquals(
        new float[] {
          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // frame 0: -12 to -1
          0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, // frame 1: -8 to 3
          0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, // frame 2: -4 to 7; 8 counts for frame 3
        },
        history.keyboardWindows(0, 3));
    assertEquals(0, history.mouseWindows(0, 3).length);
  }

  @Test
  void whatIsNotedAgainReplaces() {
    ActionHistory history = new ActionHistory(config(KEYS, AXES), 3);
    history.put(0, Collections.nCopies(9, action(1)));
    history.put(9, Collections.nCopies(12, action(2)));
    float[] before = history.keyboardWindows(3, 3);
    history.put(9, Collections.nCopies(12, action(5)));
    float[] after = history.keyboardWindows(3, 3);
    for (int i = 0; i < after.length; i++) {
      int videoFrame = 4 * (3 + i / (WINDOW * KEYS)) - 12 + i / KEYS % WINDOW;
      float was = action(videoFrame < 9 ? 1 : 2).keyboard()[i % KEYS];
      float is = action(videoFrame < 9 ? 1 : 5).keyboard()[i % KEYS];
      assertEquals(was, before[i]);
      assertEquals(is, after[i]);
    }
  }

  @Test
  void refusesActionsOfAnotherModel() {
    ActionHistory history = new ActionHistory(config(KEYS, AXES), 3);
    KeyboardMouse other = new KeyboardMouse(new float[4], new float[2]);
    IllegalArgumentException sizes =
        assertThrows(IllegalArgumentException.class, () -> history.put(0, List.of(other)));
    assertEquals("action: expected 3 keys and 2 mouse axes, found 4 and 2", sizes.getMessage());
    KeyboardMouse broken = new KeyboardMouse(new float[3], new float[] {0, Float.NaN});
    IllegalArgumentException nan =
        assertThrows(IllegalArgumentException.class, () -> history.put(0, List.of(broken)));
    assertEquals("action: expected finite values, found NaN", nan.getMessage());
  }
}
