package dev.orrery.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.FeatureCache.History;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureCacheTest {
  private static final int FRAME = 2 * 3 * 5;

  private final Backend backend = CpuBackend.reference(1);
  private final TensorArena arena = backend.newArena();
  private final FeatureCache cache = new FeatureCache(backend, arena);

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  /** Frames {@code [first, first + count)} of a stream whose values tell frame and element. */
  private static Tensor frames(int first, int count) {
    float[] values = new float[count * FRAME];
    for (int i = 0; i < values.length; i++) {
      int frame = first + i / FRAME;
      // In front of the stream there are zeros.
      values[i] = frame < 0 ? 0 : 1 + frame * 100 + i % FRAME;
    }
    return Tensor.of(values, count, 2, 3, 5);
  }

  @Test
  void aFrameMayStandForAllBeforeTheStream() {
    History history = cache.next(2, frames(3, 1));
    history.fill(frames(3, 1));
    assertFalse(history.started());
    assertArrayEquals(frames(3, 1).toFloats(), history.frames().slice(0, 1).toFloats());
    assertArrayEquals(frames(3, 1).toFloats(), history.frames().slice(1, 2).toFloats());
    history.push(frames(4, 1));
    assertArrayEquals(frames(3, 2).toFloats(), history.frames().toFloats());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void remembersTheNewestFrames(int held) {
    History history = cache.next(held, frames(0, 1));
    int end = 0;
    // Shorter than the history, equal to it and longer, in several orders.
    for (int count : new int[] {1, 1, 2, 4, 3, 1, 2, 7, 1, 5, 2, 2}) {
      assertArrayEquals(
          frames(end - held, held).toFloats(), history.frames().toFloats(), "frame " + end);
      history.push(frames(end, count));
      end += count;
    }
    assertArrayEquals(frames(end - held, held).toFloats(), history.frames().toFloats());
    assertArrayEquals(new long[] {held, 2, 3, 5}, history.frames().shape().extents());
  }

  @Test
  void aHistoryStartsWithItsFirstChunk() {
    History pushed = cache.next(2, frames(0, 1));
    History noted = cache.next(2, frames(0, 1));
    assertFalse(pushed.started());
    pushed.push(frames(0, 1));
    assertTrue(pushed.started());
    assertFalse(noted.started());
    noted.start();
    assertTrue(noted.started());
    assertArrayEquals(new float[2 * FRAME], noted.frames().toFloats());
  }

  @Test
  void layersFindTheirHistoriesAgain() {
    History first = cache.next(2, frames(0, 1));
    History second = cache.next(1, frames(0, 4));
    long bytes = arena.byteSize();
    assertEquals(3 * FRAME * 4, bytes);
    for (int chunk = 0; chunk < 3; chunk++) {
      cache.rewind();
      assertSame(first, cache.next(2, frames(0, 4)));
      assertSame(second, cache.next(1, frames(0, 4)));
    }
    assertEquals(bytes, arena.byteSize());
    assertEquals(List.of(first, second), cache.histories());
    assertNotSame(first, second);
  }
}
