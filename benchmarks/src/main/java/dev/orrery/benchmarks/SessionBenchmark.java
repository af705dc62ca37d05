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

/**
 * Playing a model: chunk after chunk of a world that has begun, from what lies in the model's
 * folder to begin with.
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
  /** Threads to compute with. */
  @Param("2")
  public int threads;

  /** Folder of the model, as seen from the root of the checkout. */
  @Param("models/demo-world")
  public String folder;

  /** Chunks that the world has made before: with many, its windows are full and slide. */
  @Param("1")
  public int before;

  private OpenedModel model;
  private WorldSession session;

  @Setup
  public void open() throws IOException {
    model = OpenedModel.open(folder, threads);
    session = model.start();
    for (int chunk = 0; chunk < before; chunk++) {
      model.step(session);
    }
  }

  @TearDown
  public void close() {
    session.close();
    model.close();
  }

  /** The world makes its next chunk and decodes it. */
  @Benchmark
  public VideoFrames chunk() {
    return model.step(session);
  }
}
