package dev.orrery.kernels.position;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RotaryTableTest {
  private static final double LIMIT = 1e-7;

  @Test
  void frameRowAndColumnTurn22And21And21PairsOfHead128() {
    int startFrame = 357;
    int frames = 2;
    int rows = 3;
    int columns = 4;
    float[] table = RotaryTable.video(startFrame, frames, rows, columns, 128, 10000);
    assertEquals(frames * rows * columns * 64 * 2, table.length);
    int token = 0;
    for (int frame = 0; frame < frames; frame++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          for (int k = 0; k < 22; k++) {
            check(table, token * 64 + k, (startFrame + frame) / Math.pow(10000, k / 22.0));
          }
          for (int k = 0; k < 21; k++) {
            check(table, token * 64 + 22 + k, row / Math.pow(10000, k / 21.0));
            check(table, token * 64 + 43 + k, column / Math.pow(10000, k / 21.0));
          }
          token++;
        }
      }
    }
  }

  @Test
  void head16Has4And2And2Pairs() {
    float[] table = RotaryTable.video(6, 1, 2, 3, 16, 10000);
    int lastToken = 5 * 8;
    double[] angles = {6, 0.6, 0.06, 0.006, 1, 0.01, 2, 0.02};
    for (int pair = 0; pair < 8; pair++) {
      check(table, lastToken + pair, angles[pair]);
    }
  }

  /** HunyuanVideo's grid: 8, 28 and 28 pairs of base 256, so those of a frame turn by halves. */
  @Test
  void axesMayHavePairsOfTheirOwn() {
    RotaryTable.AxisPairs pairs = new RotaryTable.AxisPairs(8, 28, 28);
    float[] table = RotaryTable.video(20, 2, 3, 4, pairs, 256);
    assertEquals(2 * 3 * 4 * 64 * 2, table.length);
    for (int token = 0; token < 2 * 3 * 4; token++) {
      for (int k = 0; k < 8; k++) {
        check(table, token * 64 + k, (20 + token / 12) / (double) (1 << k));
      }
      for (int k = 0; k < 28; k++) {
        float frequency = 1 / (float) Math.pow(256, (float) k / 28);
        check(table, token * 64 + 8 + k, token / 4 % 3 * frequency);
        check(table, token * 64 + 36 + k, token % 4 * frequency);
      }
    }
  }

  /** Values of {@code 1 / 256 ** (arange(0, 56, 2) / 56)} in fp32. */
  @Test
  void frequenciesAreRoundedAtEveryStep() {
    float[] frequencies = RotaryTable.frequencies(28, 256);
    assertEquals(28, frequencies.length);
    assertEquals(1, frequencies[0]);
    assertEquals(1 / 16f, frequencies[14]);
    assertEquals(0.0047617718f, frequencies[27]);
    assertEquals(0.0047617722f, (float) Math.pow(256, -27 / 28.0));
  }

  @Test
  void actionFramesTurnByPowersOfAQuarter() {
    float[] table = RotaryTable.frames(357, 3, 8, 256);
    assertEquals(3 * 4 * 2, table.length);
    for (int frame = 0; frame < 3; frame++) {
      double position = 357 + frame;
      double[] angles = {position, position / 4, position / 16, position / 64};
      for (int pair = 0; pair < 4; pair++) {
        check(table, frame * 4 + pair, angles[pair]);
      }
    }
  }

  @Test
  void startFrameOnlyMovesTheWindow() {
    float[] all = RotaryTable.video(0, 5, 2, 3, 64, 10000);
    float[] later = RotaryTable.video(3, 2, 2, 3, 64, 10000);
    float[] tail = Arrays.copyOfRange(all, all.length - later.length, all.length);
    assertArrayEquals(tail, later);
  }

  /** Oasis' DiT: rows turn the first 16 pairs, columns the others, the last ones by 402 rad. */
  @Test
  void rowsTurnTheFirstPairsOfAnAxialTable() {
    float[] rows = RotaryTable.linspace(-1, 1, 9);
    float[] columns = RotaryTable.linspace(-1, 1, 16);
    float[] frequencies = RotaryTable.linspace(1, 128, 16);
    for (int k = 0; k < frequencies.length; k++) {
      frequencies[k] *= (float) Math.PI;
    }
    float[] columnFrequencies = Arrays.copyOf(frequencies, 5);
    float[] table = RotaryTable.axial(rows, frequencies, columns, columnFrequencies);
    assertEquals(9 * 16 * 21 * 2, table.length);
    for (int token = 0; token < 9 * 16; token++) {
      for (int k = 0; k < 16; k++) {
        check(table, token * 21 + k, rows[token / 16] * frequencies[k]);
      }
      for (int k = 0; k < 5; k++) {
        check(table, token * 21 + 16 + k, columns[token % 16] * columnFrequencies[k]);
      }
    }
  }

  /**
   * The product is rounded to fp32, as the networks were trained with: 1/3 of a rotation of 402.
   */
  @Test
  void anglesAreProductsInFp32() {
    float position = 1 / 3f;
    float frequency = 402.123f;
    float[] table = RotaryTable.line(new float[] {1, position}, new float[] {frequency, 2});
    assertEquals(2 * 2 * 2, table.length);
    assertEquals((float) Math.cos(position * frequency), table[4]);
    assertEquals((float) Math.sin(position * frequency), table[5]);
    assertNotEquals((float) Math.sin((double) position * frequency), table[5]);
    check(table, 1, 2);
    check(table, 3, 2 / 3.0);
  }

  @Test
  void linspaceCountsFromTheNearerEnd() {
    assertArrayEquals(new float[] {-1, -0.5f, 0, 0.5f, 1}, RotaryTable.linspace(-1, 1, 5));
    assertArrayEquals(new float[] {-1, 1}, RotaryTable.linspace(-1, 1, 2));
    assertArrayEquals(new float[] {-1}, RotaryTable.linspace(-1, 1, 1));
    float[] values = RotaryTable.linspace(-1, 1, 16);
    for (int i = 0; i < 16; i++) {
      assertEquals(-values[15 - i], values[i], "position " + i);
    }
  }

  private static void check(float[] table, int pair, double angle) {
    assertEquals(Math.cos(angle), table[2 * pair], LIMIT, "cosine of pair " + pair);
    assertEquals(Math.sin(angle), table[2 * pair + 1], LIMIT, "sine of pair " + pair);
  }
}
