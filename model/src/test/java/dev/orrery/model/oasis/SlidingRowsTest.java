package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlidingRowsTest {
  /** A buffer that is written and moved as the rows say always holds the window in order. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 32})
  void framesOfTheWindowLieInOrder(int window) {
    SlidingRows rows = new SlidingRows(window);
    int[] buffer = new int[rows.capacity()];
    Arrays.fill(buffer, -1);
    for (int newest = 0; newest < 10 * window; newest++) {
      // A frame that is made twice moves the others twice.
      for (int attempt = 0; attempt < 2; attempt++) {
        if (rows.moves(newest)) {
          int from = rows.movedFrom();
          System.arraycopy(buffer, from, buffer, 0, rows.capacity() - from);
        }
        buffer[rows.row(newest, newest)] = newest;
        assertEquals(Math.max(0, newest - window + 1), rows.first(newest));
        for (int frame = rows.first(newest); frame <= newest; frame++) {
          assertEquals(frame, buffer[rows.row(frame, newest)], "frame of " + newest);
        }
      }
    }
  }
}
