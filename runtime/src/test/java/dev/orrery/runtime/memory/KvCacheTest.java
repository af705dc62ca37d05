package dev.orrery.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvCacheTest {
  private static final int HEADS = 2;
  private static final int HEAD_DIM = 3;
  private static final int ROW = HEADS * HEAD_DIM;

  private final Backend backend = CpuBackend.reference(1);
  private final TensorArena arena = backend.newArena();

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  /** Rows whose values tell their index in the stream, the pass and the element. */
  private static float[] rows(long start, int count, int pass, float sign) {
    float[] rows = new float[count * ROW];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = sign * ((start + i / ROW) * 1000 + pass * 100 + i % ROW);
    }
    return rows;
  }

  /** Fills the room for some entries; returns what is seen then. */
  private KvCache.View append(KvCache cache, long start, Tensor keys, Tensor values) {
    KvCache.Room room = cache.append(start, keys.size(0));
    backend.copy(keys, room.entries().keys());
    backend.copy(values, room.entries().values());
    return room.seen();
  }

  /** A capacity of 5 with blocks of 1 or 2 moves rows onto themselves. */
  @ParameterizedTest
  @CsvSource({"4, 0, 3", "6, 0, 3", "5, 0, 1", "5, 0, 2", "5, 1, 1", "7, 2, 2"})
  void queriesSeeSinkAndNewestRows(int capacity, int sink, int block) {
    KvCache cache = new KvCache(backend, arena, DType.F32, sink, capacity, HEADS, HEAD_DIM);
    int passes = 3;
    for (int b = 0; b < 12; b++) {
      long start = (long) b * block;
      for (int pass = 0; pass < passes; pass++) {
        KvCache.View view =
            append(
                cache,
                start,
                Tensor.of(rows(start, block, pass, 1), block, HEADS, HEAD_DIM),
                Tensor.of(rows(start, block, pass, -1), block, HEADS, HEAD_DIM));
        String what = "block " + b + ", pass " + pass;
        long end = start + block;
        int seen = (int) Math.min(end, capacity);
        assertArrayEquals(new long[] {seen, HEADS, HEAD_DIM}, view.keys().shape().extents(), what);
        float[] keys = new float[seen * ROW];
        for (int row = 0; row < seen; row++) {
          long index = row < sink || end <= capacity ? row : end - capacity + row;
          // Blocks that are done hold what their last pass wrote.
          int written = index >= start ? pass : passes - 1;
          System.arraycopy(rows(index, 1, written, 1), 0, keys, row * ROW, ROW);
        }
        assertArrayEquals(keys, view.keys().toFloats(), what);
        float[] values = new float[keys.length];
        for (int i = 0; i < keys.length; i++) {
          values[i] = -keys[i];
        }
        assertArrayEquals(values, view.values().toFloats(), what);
      }
      assertEquals((b + 1L) * block, cache.window().globalEnd());
    }
  }

  @Test
  void holdsTheWholeCapacity() {
    KvCache cache = new KvCache(backend, arena, DType.F32, 0, 4, ROW);
    assertEquals(2 * 4 * ROW * 4, arena.byteSize());
    float[] rows = rows(0, 3, 0, 1);
    append(cache, 0, Tensor.of(rows, 3, ROW), Tensor.of(rows, 3, ROW));
    assertArrayEquals(Arrays.copyOf(rows, 4 * ROW), cache.keys().toFloats());
    assertArrayEquals(Arrays.copyOf(rows, 4 * ROW), cache.values().toFloats());
  }

  @Test
  void refusesGaps() {
    KvCache cache = new KvCache(backend, arena, DType.F32, 0, 4, ROW);
    assertEquals(
        "entries [1, 4) neither follow nor repeat the newest ones, which end at 0 in a cache of"
            + " 4 rows",
        assertThrows(IllegalArgumentException.class, () -> cache.append(1, 3)).getMessage());
    assertArrayEquals(new float[4 * ROW], cache.keys().toFloats());
  }
}
