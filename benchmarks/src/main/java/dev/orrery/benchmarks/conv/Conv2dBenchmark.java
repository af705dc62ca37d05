package dev.orrery.benchmarks.conv;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Time of one convolution of frames on all processors. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgs = {
      "--add-modules=jdk.incubator.vector",
      "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"
    })
public class Conv2dBenchmark {
  /** Resampling layers of the Wan 2.1 VAE at 352 x 640 pixels, and of the demo model's. */
  public enum Layer {
    /** Behind the upsampling to half of the resolution. */
    UP_192_96(192, 96, 1, 4, 176, 320),
    /** In front of the first downsampling of the encoder. */
    DOWN_96(96, 96, 2, 4, 352, 640),
    DEMO_UP_32_16(32, 16, 1, 1, 64, 96),
    DEMO_DOWN_16(16, 16, 2, 1, 64, 96);

    final int inChannels;
    final int outChannels;
    final int stride;
    final int frames;
    final int rows;
    final int columns;

    Layer(int inChannels, int outChannels, int stride, int frames, int rows, int columns) {
      this.inChannels = inChannels;
      this.outChannels = outChannels;
      this.stride = stride;
      this.frames = frames;
      this.rows = rows;
      this.columns = columns;
    }

    /** Floating-point operations of one call, a multiply-add being two. */
    public long operations() {
      return 18L * inChannels * outChannels * frames * (rows / stride) * (columns / stride);
    }

    /** Bytes that a call has to read and write at least once. */
    public long bytes() {
      long in = (long) frames * rows * columns * inChannels;
      long written = (long) frames * (rows / stride) * (columns / stride) * outChannels;
      return 4 * (in + 9L * inChannels * outChannels + written);
    }
  }

  @Param public Layer layer;

  private CpuBackend backend;
  private HostArena arena;
  private Conv2d conv;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Setup(Level.Trial)
  public void prepare() {
    backend = CpuBackend.simd(Runtime.getRuntime().availableProcessors());
    arena = new HostArena();
    conv = backend.kernel(Conv2d.class);
    x = random(layer.frames, layer.rows, layer.columns, layer.inChannels);
    weight = random(3, 3, layer.inChannels, layer.outChannels);
    bias = random(layer.outChannels);
    int outRows = layer.rows / layer.stride;
    int outColumns = layer.columns / layer.stride;
    out = arena.empty(DType.F32, layer.frames, outRows, outColumns, layer.outChannels);
  }

  private Tensor random(long... extents) {
    Tensor tensor = arena.empty(DType.F32, extents);
    FloatView values = FloatView.of(tensor);
    Random random = new Random(1);
    for (long i = 0; i < tensor.elements(); i++) {
      values.set(i, random.nextFloat() - 0.5);
    }
    return tensor;
  }

  @Benchmark
  public Tensor simd() {
    Conv2d.Padding padding =
        layer.stride == 1 ? Conv2d.Padding.all(1) : Conv2d.Padding.bottomRight(1);
    conv.run(x, weight, bias, layer.stride, padding, out);
    return out;
  }

  @TearDown(Level.Trial)
  public void release() {
    arena.close();
    backend.close();
  }
}
