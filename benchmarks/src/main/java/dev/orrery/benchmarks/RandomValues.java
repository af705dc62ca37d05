package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Normal deviates on a device, and uniform ones of {@link DType#U8}, drawn once and copied from
 * there: drawing those of every tensor would take longer than measuring. Products of zeros or of
 * one value draw less power and run faster than real ones, so tensors must not be left empty.
 */
final class RandomValues implements AutoCloseable {
  /** A prime, so that tensors do not repeat the values at the length of their rows. */
  private static final int COUNT = 4_194_301;

  private final Backend backend;
  private final TensorArena arena;
  private final Map<DType, Tensor> pools = new EnumMap<>(DType.class);
  private long next;

  RandomValues(Backend backend) {
    this.backend = backend;
    arena = backend.newArena();
  }

  /** Fills a tensor; each call goes on where the last one ended. */
  void fill(Tensor tensor) {
    Tensor pool = pools.computeIfAbsent(tensor.dtype(), this::draw);
    Tensor flat = tensor.reshape(tensor.elements());
    long done = 0;
    while (done < flat.elements()) {
      long count = Math.min(COUNT - next, flat.elements() - done);
      backend.copy(pool.slice(next, next + count), flat.slice(done, done + count));
      done += count;
      next = (next + count) % COUNT;
    }
  }

  private Tensor draw(DType dtype) {
    Tensor pool = arena.empty(dtype, COUNT);
    try (Arena memory = Arena.ofConfined()) {
      Tensor host =
          Tensor.host(dtype, Shape.of(COUNT), memory.allocate((long) COUNT * dtype.byteSize(), 64));
      if (dtype == DType.U8) {
        byte[] bytes = new byte[COUNT];
        new SplittableRandom(dtype.ordinal()).nextBytes(bytes);
        host.segment().copyFrom(MemorySegment.ofArray(bytes));
      } else {
        Sizes.fill(host, dtype.ordinal());
      }
      backend.copy(host, pool);
    }
    return pool;
  }

  @Override
  public void close() {
    arena.close();
  }
}
