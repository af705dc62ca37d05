package dev.orrery.benchmarks;

import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.model.worldplay.ContextWindow;
import dev.orrery.model.worldplay.FieldOfViewOverlap;
import dev.orrery.model.worldplay.MemoryRetrieval;
import java.util.List;
import java.util.Random;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What WorldPlay remembers of a rollout of 241 latent frames, and of 8,001 on random ways, on one
 * thread: {@link MemoryRetrieval} for the last chunk, for the first 60 chunks, and the random
 * points that a session begins with. One selection should stay well under 50 ms.
 *
 * <p>After {@code ./build -q -pl benchmarks -am package -DskipTests}:
 *
 * <pre>
 * java -cp "benchmarks/target/classes:benchmarks/target/lib/*" org.openjdk.jmh.Main \
 *   MemoryRetrievalBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class MemoryRetrievalBenchmark {
  private static final long SEED = 42;
  private static final int FRAMES = 241;

  private static final int MOVES = 8000;
  private static final String RANDOM = "random-8000";

  /**
   * Views that differ by some degrees; views that have most points in common; views all around; as
   * one has wandered for half an hour.
   */
  @Param({
    "w-20, right-20, w-20, left-20, s-40, right-30, left-30, w-60",
    "w-120, s-120",
    "right-240",
    RANDOM
  })
  public String poses;

  private CameraPath path;
  private MemoryRetrieval selection;

  @Setup
  public void open() {
    path =
        poses.equals(RANDOM)
            ? CameraMotion.path(randomMoves())
            : CameraMotion.path(PoseString.parse(poses)).first(FRAMES);
    selection = new MemoryRetrieval(FieldOfViewOverlap.seeded(SEED), 0);
  }

  private static List<CameraMove> randomMoves() {
    CameraMove[] moves = CameraMove.values();
    return new Random(SEED).ints(MOVES, 0, moves.length).mapToObj(i -> moves[i]).toList();
  }

  @Benchmark
  public ContextWindow lastChunk() {
    return selection.select(path, path.frames() - 1 - MemoryRetrieval.CHUNK_FRAMES);
  }

  @Benchmark
  public int allChunks() {
    int remembered = 0;
    for (int first = 0; first < FRAMES - 1; first += MemoryRetrieval.CHUNK_FRAMES) {
      remembered += selection.select(path, first).memory().size();
    }
    return remembered;
  }

  @Benchmark
  public FieldOfViewOverlap points() {
    return FieldOfViewOverlap.seeded(SEED);
  }
}
