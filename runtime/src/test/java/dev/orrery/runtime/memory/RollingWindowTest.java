package dev.orrery.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.memory.RollingWindow.Placement;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RollingWindowTest {
  /** The reference's pseudo code, line by line, on rows that hold their index in the stream. */
  private static final class Specified {
    final int cap;
    final int sink;
    final long[] rows;
    long gEnd;
    int lEnd;

    Specified(int cap, int sink) {
      this.cap = cap;
      this.sink = sink;
      this.rows = new long[cap];
    }

    long[] attend(long currentStart, int n) {
      long curEnd = currentStart + n;
      int lEndNew;
      if (curEnd > gEnd && lEnd + n > cap) {
        int evict = lEnd + n - cap;
        int roll = lEnd - evict - sink;
        for (int i = 0; i < roll; i++) {
          rows[sink + i] = rows[sink + evict + i];
        }
        lEndNew = (int) (lEnd + curEnd - gEnd - evict);
      } else {
        lEndNew = (int) (lEnd + curEnd - gEnd);
      }
      for (int i = 0; i < n; i++) {
        rows[lEndNew - n + i] = currentStart + i;
      }
      gEnd = curEnd;
      lEnd = lEndNew;
      return Arrays.copyOfRange(rows, Math.max(0, lEndNew - cap), lEndNew);
    }
  }

  /** What a query sees, told without a cache: the sink, and the newest rows. */
  private static long[] visible(int cap, int sink, long end) {
    return end <= cap
        ? LongStream.range(0, end).toArray()
        : LongStream.concat(LongStream.range(0, sink), LongStream.range(end - cap + sink, end))
            .toArray();
  }

  private static long[] attend(RollingWindow window, long[] rows, long start, int n) {
    Placement at = window.place(start, n);
    System.arraycopy(rows, at.moveFrom(), rows, at.moveTo(), at.moveRows());
    for (int i = 0; i < n; i++) {
      rows[at.write() + i] = start + i;
    }
    return Arrays.copyOfRange(rows, at.windowStart(), at.windowEnd());
  }

  @ParameterizedTest
  @CsvSource({
    "6, 0, 3", // universal, in frames
    "4, 0, 3", // gta_drive: one old frame beside a block of three
    "3, 0, 3",
    "5280, 0, 2640", // universal, in tokens
    "52, 0, 39",
    "1, 0, 1",
    "13, 0, 1",
    "13, 0, 5",
    "7, 2, 3",
    "4, 1, 3",
    "13, 5, 4",
    "13, 12, 1",
  })
  void placesAsSpecified(int cap, int sink, int block) {
    RollingWindow window = new RollingWindow(cap, sink);
    Specified specified = new Specified(cap, sink);
    long[] rows = new long[cap];
    for (int i = 0; i < 20; i++) {
      long start = (long) i * block;
      for (int pass = 0; pass < 4; pass++) {
        String what = "block " + i + ", pass " + pass;
        long[] expected = specified.attend(start, block);
        assertArrayEquals(visible(cap, sink, start + block), expected, what);
        assertArrayEquals(expected, attend(window, rows, start, block), what);
        assertEquals(specified.gEnd, window.globalEnd(), what);
        assertEquals(specified.lEnd, window.localEnd(), what);
      }
    }
  }

  @Test
  void blocksMayDifferInSize() {
    RollingWindow window = new RollingWindow(9, 2);
    Specified specified = new Specified(9, 2);
    long[] rows = new long[9];
    long start = 0;
    for (int n : new int[] {1, 7, 2, 4, 1, 7, 3, 3, 6}) {
      assertArrayEquals(specified.attend(start, n), attend(window, rows, start, n));
      assertArrayEquals(visible(9, 2, start + n), attend(window, rows, start, n));
      start += n;
      // The newest part of a block alone may be repeated.
      assertArrayEquals(visible(9, 2, start), attend(window, rows, start - 1, 1));
    }
  }

  @Test
  void onlyTheFirstPassMovesRows() {
    RollingWindow window = new RollingWindow(4, 0);
    assertEquals(new Placement(0, 0, 0, 0, 0, 3), window.place(0, 3));
    assertEquals(new Placement(2, 0, 1, 1, 0, 4), window.place(3, 3));
    assertEquals(0, window.place(3, 3).moveRows());
    assertEquals(1, window.place(6, 3).moveRows());
  }

  @Test
  void refusesGapsAndWhatIsNoLongerTheNewest() {
    RollingWindow window = new RollingWindow(6, 1);
    refused(window, 1, 3);
    refused(window, -3, 3);
    window.place(0, 3);
    window.place(3, 3);
    for (long start : new long[] {7, 5, 4, 1, 0}) {
      refused(window, start, 3);
    }
    refused(window, 6, 0);
    refused(window, 6, 6);
    refused(window, -1, 7);
    IllegalArgumentException gap =
        assertThrows(IllegalArgumentException.class, () -> window.place(9, 3));
    assertEquals(
        "entries [9, 12) neither follow nor repeat the newest ones, which end at 6 in a cache of 6"
            + " rows",
        gap.getMessage());
    assertEquals(6, window.globalEnd());
    assertEquals(6, window.localEnd());
    window.place(6, 3);
  }

  private static void refused(RollingWindow window, long start, int rows) {
    long before = window.globalEnd();
    assertEquals(
        "entries ["
            + start
            + ", "
            + (start + rows)
            + ") neither follow nor repeat the newest ones, which end at "
            + before
            + " in a cache of 6 rows",
        assertThrows(IllegalArgumentException.class, () -> window.place(start, rows)).getMessage());
    assertEquals(before, window.globalEnd());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, 0", "3, 3", "3, -1"})
  void refusesSizesThatHoldNothing(int capacity, int sink) {
    assertEquals(
        "expected a capacity of at least one row and a sink below it, found "
            + capacity
            + " and "
            + sink,
        assertThrows(IllegalArgumentException.class, () -> new RollingWindow(capacity, sink))
            .getMessage());
  }

  /** An hour at 25 frames per second and 880 tokens a frame exceeds an int. */
  @Test
  void streamsMayBeLong() {
    RollingWindow window = new RollingWindow(1 << 30, 0);
    long start = 0;
    for (int i = 0; i < 8; i++) {
      window.place(start, 1 << 29);
      start += 1 << 29;
    }
    assertEquals(1L << 32, window.globalEnd());
    assertEquals(1 << 30, window.localEnd());
  }
}
