package dev.orrery.benchmarks;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldSession;
import java.io.IOException;
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

/** Beginning to play a model: from what lies in its folder to begin with to the first frames. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 11, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class SessionStartBenchmark {
  /** Threads to compute with. */
  @Param("2")
  public int threads;

  /** Folder of the model, as seen from the root of the checkout. */
  @Param("models/demo-world")
  public String folder;

  private OpenedModel model;

  @Setup
  public void open() throws IOException {
    model = OpenedModel.open(folder, threads);
  }

  @TearDown
  public void close() {
    model.close();
  }

  /** A new world encodes its start and makes its first chunk. */
  @Benchmark
  public VideoFrames firstFrames() {
    try (WorldSession fresh = model.start()) {
      return model.step(fresh);
    }
  }
}
