package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
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
 * {@link Matmul} at shapes of the models: projections of a block, and the layers of a small demo
 * model.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE, KernelReport.NO_BOUNDS_CHECKS})
public class MatmulBenchmark implements KernelCase {
  /** Threads to compute with. */
  @Param("2")
  public int threads;

  /** Type of the weights. */
  @Param({"F32", "BF16"})
  public DType weights;

  /** M x K x N. */
  @Param({"880x1536x1536", "2640x1536x8960", "2640x8960x1536", "72x192x768", "3x768x768"})
  public String size;

  private CpuBackend backend;
  private TensorArena arena;
  private Matmul matmul;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Setup
  public void prepare() {
    int[] extents = Sizes.parse(size);
    backend = CpuBackend.simd(threads);
    arena = backend.newArena();
    matmul = backend.kernel(Matmul.class);
    x = Sizes.normal(1, arena, DType.F32, extents[0], extents[1]);
    weight = Sizes.normal(2, arena, weights, extents[2], extents[1]);
    bias = Sizes.normal(3, arena, DType.F32, extents[2]);
    out = arena.empty(DType.F32, extents[0], extents[2]);
  }

  @TearDown
  public void close() {
    arena.close();
    backend.close();
  }

  @Override
  public String shape() {
    return "M x K x N = " + size.replace("x", " x ") + ", " + weights + " weights";
  }

  @Override
  public double operations() {
    int[] extents = Sizes.parse(size);
    return 2.0 * extents[0] * extents[1] * extents[2];
  }

  @Benchmark
  public Tensor run() {
    matmul.run(x, weight, bias, Activation.NONE, out);
    return out;
  }
}
