package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the benchmarks of kernels share: a backend on the Vector API, tensors that live as long as
 * the trial, and how long it lasts. A benchmark makes its tensors in {@link #prepare} and has one
 * method {@code run}.
 *
 * <p>On two busy cores C2 has compiled a product after some two seconds; until then vectors are
 * objects, and a call takes a hundred times as long.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public abstract class KernelBenchmark {
  /** Threads to compute with. */
  @Param("2")
  public int threads;

  private Backend backend;
  private TensorArena arena;
  private long seed;

  /** Opens the backend, then makes what the benchmark needs. */
  @Setup
  public void open() {
    open(CpuBackend.simd(threads));
  }

  /**
   * Makes what the benchmark needs on a backend.
   *
   * @param opened is closed with the benchmark
   */
  final void open(Backend opened) {
    backend = opened;
    arena = backend.newArena();
    prepare();
  }

  /** Frees the tensors. */
  @TearDown
  public void close() {
    arena.close();
    backend.close();
  }

  /** Makes the kernel and its tensors. */
  abstract void prepare();

  final <K extends Kernel> K kernel(Class<K> contract) {
    return backend.kernel(contract);
  }

  /** An fp32 tensor of seeded values of mean 0 and variance 1. */
  final Tensor normal(int... extents) {
    return normal(DType.F32, extents);
  }

  /** As {@link #normal(int...)}, of any type of weights. */
  final Tensor normal(DType dtype, int... extents) {
    return filled(dtype, values -> Sizes.fill(values, ++seed), extents);
  }

  /** A tensor of seeded random bytes. */
  final Tensor bytes(int... extents) {
    return filled(
        DType.U8,
        values -> {
          byte[] bytes = new byte[(int) values.elements()];
          new Random(++seed).nextBytes(bytes);
          values.segment().copyFrom(MemorySegment.ofArray(bytes));
        },
        extents);
  }

  /** Seeded random numbers of rows. */
  final Tensor ids(int rows, int count) {
    return filled(
        DType.I32,
        values -> {
          int[] ids = new Random(++seed).ints(count, 0, rows).toArray();
          values.segment().copyFrom(MemorySegment.ofArray(ids));
        },
        count);
  }

  private Tensor filled(DType dtype, Consumer<Tensor> fill, int... extents) {
    Tensor tensor = empty(dtype, extents);
    if (backend.usesHostMemory()) {
      fill.accept(tensor);
      return tensor;
    }
    try (TensorArena host = new HostArena()) {
      Tensor values = host.empty(dtype, Sizes.longs(extents));
      fill.accept(values);
      backend.copy(values, tensor);
    }
    return tensor;
  }

  /** A tensor of zeros. */
  final Tensor empty(DType dtype, int... extents) {
    return arena.empty(dtype, Sizes.longs(extents));
  }

  /** An fp32 tensor of zeros. */
  final Tensor empty(int... extents) {
    return empty(DType.F32, extents);
  }
}
