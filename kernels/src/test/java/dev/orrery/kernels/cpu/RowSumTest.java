package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowSumTest {
  private static final int AT = 5;

  /**
   * Integers, so that the sums are exact; what lies before and behind the padded row would spoil
   * them.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 16, 17, 32, 33, 48, 207})
  void takesEveryValueOnce(int columns) {
    int end = AT + RowPass.padded(columns);
    float[] values = new float[end + 3];
    Arrays.fill(values, 1e9f);
    Arrays.fill(values, AT, end, 0);
    long sum = 0;
    long squares = 0;
    for (int i = 0; i < columns; i++) {
      values[AT + i] = i + 1;
      sum += i + 1;
      squares += (i + 1L) * (i + 1);
    }
    assertEquals(sum, RowSum.values(MemorySegment.ofArray(values), 4 * AT, columns));
    assertEquals(squares, RowSum.squares(MemorySegment.ofArray(values), 4 * AT, columns));
  }
}
