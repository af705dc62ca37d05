package dev.orrery.benchmarks;

import dev.orrery.model.session.WorldSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** What it takes to leave a world that has been playing, and to come back to it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class SavedSessionBenchmark {
  /** Threads to compute with. */
  @Param("2")
  public int threads;

  /** Folder of the model, as seen from the root of the checkout. */
  @Param("models/demo-world")
  public String folder;

  /** Chunks that the world has made before: so many that its windows are full. */
  @Param("8")
  public int full;

  private OpenedModel model;
  private WorldSession session;
  private Path file;

  @Setup
  public void open() throws IOException {
    model = OpenedModel.open(folder, threads);
    session = model.start();
    for (int chunk = 0; chunk < full; chunk++) {
      model.step(session);
    }
    file = Files.createTempFile("orrery-", ".safetensors");
    session.save(file);
  }

  @TearDown
  public void close() throws IOException {
    Files.delete(file);
    session.close();
    model.close();
  }

  /** A second session of the world. */
  @Benchmark
  public int fork() {
    try (WorldSession fork = session.fork()) {
      return fork.chunk();
    }
  }

  /** The world is written, until the disk has it. */
  @Benchmark
  public void save() {
    session.save(file);
  }

  /** The world goes on from a file. */
  @Benchmark
  public int resume() {
    try (WorldSession resumed = model.resume(file)) {
      return resumed.chunk();
    }
  }
}
