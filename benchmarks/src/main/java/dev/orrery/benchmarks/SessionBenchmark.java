package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
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
 * Playing a model: from the image to the first frames, and chunk after chunk from there on.
 *
 * <p>A chunk of the demo world became no faster after some ten seconds on two busy cores: C2 has
 * many kernels to compile.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 11, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class SessionBenchmark {
  private static final long SEED = 42;

  /** Threads to compute with. */
  @Param("2")
  public int threads;

  /** Folder of the model, as seen from the root of the checkout; its image starts the world. */
  @Param("models/demo-world")
  public String folder;

  private CpuBackend backend;
  private WorldModel model;
  private RgbImage image;
  private Action forward;
  private WorldSession session;

  @Setup
  public void open() throws IOException {
    backend = CpuBackend.simd(threads);
    model = Families.ALL.open(Path.of(folder)).load(backend, Progress.NONE);
    image = RgbImage.read(Path.of(folder, "start.png"));
    forward = model.actionSpace().controls().action(Set.of("w"));
    session = model.start(image, SEED, Progress.NONE);
    session.step(forward);
  }

  @TearDown
  public void close() {
    session.close();
    model.close();
    backend.close();
  }

  /** A world that has been playing makes its next chunk and decodes it. */
  @Benchmark
  public VideoFrames chunk() {
    return session.step(forward);
  }

  /** A new world encodes the image and makes its first chunk. */
  @Benchmark
  public VideoFrames firstFrames() {
    try (WorldSession fresh = model.start(image, SEED, Progress.NONE)) {
      return fresh.step(forward);
    }
  }
}
