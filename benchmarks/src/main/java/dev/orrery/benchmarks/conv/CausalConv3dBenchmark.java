package dev.orrery.benchmarks.conv;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.conv.CausalConv3d;
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

/** Time of one causal convolution on all processors, with the history a stream has. */
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
public class CausalConv3dBenchmark {
  /** Layers of the Wan 2.1 decoder at 352 x 640 pixels, and of the demo model's. */
  public enum Layer {
    /** Third stage, at half of the resolution. */
    STAGE2_96(3, 3, 96, 96, 4, 176, 320),
    /** Second stage. */
    STAGE1_192(3, 3, 192, 192, 4, 88, 160),
    /** First stage, at the resolution of the latents. */
    STAGE0_384(3, 3, 384, 384, 1, 44, 80),
    /** The last layer, with three output channels. */
    HEAD_3(3, 3, 96, 3, 4, 176, 320),
    /** A shortcut. */
    SHORTCUT_192(1, 1, 96, 192, 4, 88, 160),
    DEMO_64(3, 3, 64, 64, 1, 8, 12),
    DEMO_32(3, 3, 32, 32, 1, 32, 48),
    DEMO_16(3, 3, 16, 16, 1, 64, 96),
    DEMO_TIME_64(3, 1, 64, 128, 1, 8, 12);

    final int kernelFrames;
    final int kernelSize;
    final int inChannels;
    final int outChannels;
    final int frames;
    final int rows;
    final int columns;

    Layer(
        int kernelFrames,
        int kernelSize,
        int inChannels,
        int outChannels,
        int frames,
        int rows,
        int columns) {
      this.kernelFrames = kernelFrames;
      this.kernelSize = kernelSize;
      this.inChannels = inChannels;
      this.outChannels = outChannels;
      this.frames = frames;
      this.rows = rows;
      this.columns = columns;
    }

    /** Floating-point operations of one call, a multiply-add being two. */
    public long operations() {
      long products = (long) kernelFrames * kernelSize * kernelSize * inChannels * outChannels;
      return 2 * products * frames * rows * columns;
    }

    /** Bytes that a call has to read and write at least once. */
    public long bytes() {
      long pixels = (long) rows * columns;
      long in = (frames + kernelFrames - 1) * pixels * inChannels;
      long weights = (long) kernelFrames * kernelSize * kernelSize * inChannels * outChannels;
      return 4 * (in + weights + frames * pixels * outChannels);
    }
  }

  @Param public Layer layer;

  private CpuBackend backend;
  private HostArena arena;
  private CausalConv3d conv;
  private Tensor history;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Setup(Level.Trial)
  public void prepare() {
    backend = CpuBackend.simd(Runtime.getRuntime().availableProcessors());
    arena = new HostArena();
    conv = backend.kernel(CausalConv3d.class);
    int past = layer.kernelFrames - 1;
    history = past == 0 ? null : random(past, layer.rows, layer.columns, layer.inChannels);
    x = random(layer.frames, layer.rows, layer.columns, layer.inChannels);
    weight =
        random(
            layer.kernelFrames,
            layer.kernelSize,
            layer.kernelSize,
            layer.inChannels,
            layer.outChannels);
    bias = random(layer.outChannels);
    out = arena.empty(DType.F32, layer.frames, layer.rows, layer.columns, layer.outChannels);
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
    conv.run(history, x, weight, bias, 1, out);
    return out;
  }

  @TearDown(Level.Trial)
  public void release() {
    arena.close();
    backend.close();
  }
}
