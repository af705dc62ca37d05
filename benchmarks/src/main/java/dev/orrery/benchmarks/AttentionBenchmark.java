package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
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
 * {@link Attention} over the cached keys of a world model, and at the size of a small demo model.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE, KernelReport.NO_BOUNDS_CHECKS})
public class AttentionBenchmark implements KernelCase {
  /** Threads to compute with. */
  @Param("2")
  public int threads;

  /** Tq x Tk x H x D. */
  @Param({"880x5280x12x128", "880x880x16x64", "72x216x3x64"})
  public String size;

  private CpuBackend backend;
  private TensorArena arena;
  private Attention attention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor out;

  @Setup
  public void prepare() {
    int[] extents = Sizes.parse(size);
    backend = CpuBackend.simd(threads);
    arena = backend.newArena();
    attention = backend.kernel(Attention.class);
    q = Sizes.normal(1, arena, DType.F32, extents[0], extents[2], extents[3]);
    k = Sizes.normal(2, arena, DType.F32, extents[1], extents[2], extents[3]);
    v = Sizes.normal(3, arena, DType.F32, extents[1], extents[2], extents[3]);
    out = arena.empty(DType.F32, extents[0], extents[2], extents[3]);
  }

  @TearDown
  public void close() {
    arena.close();
    backend.close();
  }

  @Override
  public String shape() {
    return "Tq x Tk x H x D = " + size.replace("x", " x ");
  }

  /** Two products; the softmax is not counted. */
  @Override
  public double operations() {
    int[] extents = Sizes.parse(size);
    return 4.0 * extents[0] * extents[1] * extents[2] * extents[3];
  }

  @Benchmark
  public Tensor run() {
    attention.run(q, k, v, 1 / Math.sqrt(q.size(2)), out);
    return out;
  }
}
