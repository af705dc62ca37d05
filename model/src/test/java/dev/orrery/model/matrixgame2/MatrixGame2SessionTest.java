package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.OwnMemoryBackend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions of the bundled demo model: determinism, cancelling, sharing. */
class MatrixGame2SessionTest {
  private static final Path FOLDER = DemoWorldGoldenTest.FOLDER;
  private static final String SCRIPT = "w*12 w+l*9 q*6 a+i*6";
  private static final int BLOCKS = 3;
  private static final long SEED = 7;
  private static final long OTHER_SEED = 8;

  /** The bytes that steps of a session of their own give, for each of the two seeds. */
  private static byte[] expected;

  private static byte[] expectedOfOtherSeed;

  @BeforeAll
  static void playStepByStep() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend)) {
      expected = play(model, SEED);
      expectedOfOtherSeed = play(model, OTHER_SEED);
    }
  }

  private static RgbImage image() throws Exception {
    return RgbImage.read(FOLDER.resolve("start.png"));
  }

  private static WorldModel load(Backend backend) {
    return MatrixGame2.load(FOLDER, backend, Progress.NONE);
  }

  private static List<Action> nextActions(WorldModel model, WorldSession session, int done) {
    ActionScript script = ActionScript.parse(SCRIPT, model.actionSpace().controls());
    List<Action> actions = new ArrayList<>();
    for (int i = 0; i < session.nextFrames(); i++) {
      actions.add(script.at(done + i));
    }
    return actions;
  }

  private static byte[] play(WorldModel model, long seed) throws Exception {
    try (WorldSession session = model.start(image(), seed, Progress.NONE)) {
      return play(model, session);
    }
  }

  private static byte[] play(WorldModel model, WorldSession session) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int done = 0;
    while (session.chunk() < BLOCKS) {
      VideoFrames frames = session.step(nextActions(model, session, done), Progress.NONE);
      done += frames.count();
      bytes.writeBytes(frames.rgb());
    }
    return bytes.toByteArray();
  }

  @Test
  void sameBytesForAnyNumberOfThreadsAndOtherOnesForOtherSeeds() throws Exception {
    assertEquals((9 + 12 + 12) * 64 * 96 * 3, expected.length);
    assertFalse(Arrays.equals(expected, expectedOfOtherSeed), "another seed");
    for (int threads : new int[] {1, 3}) {
      try (Backend backend = CpuBackend.simd(threads);
          WorldModel model = load(backend)) {
        assertArrayEquals(expected, play(model, SEED), threads + " threads");
      }
    }
  }

  @Test
  void sessionsSideBySideShareOneModel() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<byte[]> one = threads.submit(() -> play(model, SEED));
      Future<byte[]> other = threads.submit(() -> play(model, OTHER_SEED));
      assertArrayEquals(expected, one.get());
      assertArrayEquals(expectedOfOtherSeed, other.get());
    }
  }

  /**
   * Decoding beside the next block changes no byte, neither at odd lengths nor from call to call.
   */
  @Test
  void overlappedRolloutsGiveTheBytesOfSteps() throws Exception {
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = load(backend);
        WorldSession session = model.start(image(), SEED, Progress.NONE)) {
      ActionScript script = ActionScript.parse(SCRIPT, model.actionSpace().controls());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      session.rollout(script::at, 9 + 12, Progress.NONE, frames -> bytes.writeBytes(frames.rgb()));
      session.rollout(
          i -> script.at(9 + 12 + i), 7, Progress.NONE, frames -> bytes.writeBytes(frames.rgb()));
      assertEquals(BLOCKS, session.chunk());
      int seen = (9 + 12 + 7) * 64 * 96 * 3;
      assertArrayEquals(Arrays.copyOf(expected, seen), bytes.toByteArray());
    }
  }

  /** The block before the cancelled one is still given, and the cancelled one can be made again. */
  @Test
  void anOverlappedRolloutCanBeCancelledAndGoOn() throws Exception {
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = load(backend);
        WorldSession session = model.start(image(), SEED, Progress.NONE)) {
      ActionScript script = ActionScript.parse(SCRIPT, model.actionSpace().controls());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      assertEquals(
          "chunk 2 was cancelled",
          assertThrows(
                  CancellationException.class,
                  () ->
                      session.rollout(
                          i -> {
                            if (i == 9 + 12) {
                              session.cancel();
                            }
                            return script.at(i);
                          },
                          9 + 12 + 12,
                          Progress.NONE,
                          frames -> bytes.writeBytes(frames.rgb())))
              .getMessage());
      assertEquals(2, session.chunk());
      session.rollout(
          i -> script.at(9 + 12 + i), 12, Progress.NONE, f -> bytes.writeBytes(f.rgb()));
      assertArrayEquals(expected, bytes.toByteArray());
    }
  }

  @Test
  void aCancelledBlockCanBeSteppedAgain() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend);
        WorldSession session = model.start(image(), SEED, Progress.NONE)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int done = 0;
      while (session.chunk() < BLOCKS) {
        List<Action> others = new ArrayList<>();
        for (int i = 0; i < session.nextFrames(); i++) {
          others.add(model.actionSpace().controls().action(Set.of("s")));
        }
        int cancelAt = session.chunk() + 1;
        Progress cancel =
            (stage, part, parts) -> {
              if (part == cancelAt) {
                session.cancel();
              }
            };
        int block = session.chunk();
        assertEquals(
            "chunk " + session.chunk() + " was cancelled",
            assertThrows(CancellationException.class, () -> session.step(others, cancel))
                .getMessage());
        assertEquals(block, session.chunk());
        VideoFrames frames = session.step(nextActions(model, session, done), Progress.NONE);
        done += frames.count();
        bytes.writeBytes(frames.rgb());
      }
      assertArrayEquals(expected, bytes.toByteArray());
    }
  }

  @Test
  void oneActionIsHeldForTheBlock() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend);
        WorldSession held = model.start(image(), 5, Progress.NONE);
        WorldSession listed = model.start(image(), 5, Progress.NONE)) {
      Action right = model.actionSpace().controls().action(Set.of("d", "l"));
      for (int block = 0; block < 2; block++) {
        List<Action> same = new ArrayList<>();
        for (int i = 0; i < listed.nextFrames(); i++) {
          same.add(model.actionSpace().controls().action(Set.of("l", "d")));
        }
        assertEquals(model.framesOfChunk(block), held.nextFrames());
        assertArrayEquals(listed.step(same, Progress.NONE).rgb(), held.step(right).rgb());
      }
    }
  }

  @Test
  void aRolloutGivesTheBytesOfItsSteps() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend);
        WorldSession session = model.start(image(), SEED, Progress.NONE)) {
      int frames = 9 + 12 + 5;
      ActionScript script = ActionScript.parse(SCRIPT, model.actionSpace().controls());
      List<String> reports = new ArrayList<>();
      ByteArrayOutputStream rollout = new ByteArrayOutputStream();
      session.rollout(
          script::at,
          frames,
          (stage, done, total) -> reports.add(done + " of " + total),
          made -> rollout.write(made.rgb()));
      assertArrayEquals(Arrays.copyOf(expected, frames * 64 * 96 * 3), rollout.toByteArray());
      assertEquals("0 of 26", reports.getFirst());
      assertEquals("26 of 26", reports.getLast());
      assertEquals(BLOCKS, session.chunk());
    }
  }

  @Test
  void actionsChangeTheWorld() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend);
        WorldSession left = model.start(image(), 5, Progress.NONE);
        WorldSession right = model.start(image(), 5, Progress.NONE)) {
      // Latent frame 0 sees only the very first action; the second block has been steered for long.
      left.step(model.actionSpace().controls().action(Set.of("j")));
      right.step(model.actionSpace().controls().action(Set.of("l")));
      byte[] one = left.step(model.actionSpace().controls().action(Set.of("j"))).rgb();
      byte[] two = right.step(model.actionSpace().controls().action(Set.of("l"))).rgb();
      double difference = 0;
      for (int i = 0; i < one.length; i++) {
        difference += Math.abs((one[i] & 0xff) - (two[i] & 0xff));
      }
      assertTrue(difference / one.length > 10, "mean difference " + difference / one.length);
    }
  }

  @Test
  void refusesTheWrongNumberOrKindOfActions() throws Exception {
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = load(backend);
        WorldSession session = model.start(image(), 5, Progress.NONE)) {
      Action idle = model.actionSpace().controls().action(Set.of());
      IllegalArgumentException count =
          assertThrows(
              IllegalArgumentException.class, () -> session.step(List.of(idle), Progress.NONE));
      assertTrue(count.getMessage().contains("9 frames of chunk 0, found 1"), count.getMessage());
      IllegalArgumentException kind =
          assertThrows(IllegalArgumentException.class, () -> session.step(new Action() {}));
      assertTrue(kind.getMessage().contains("Matrix-Game 2.0"), kind.getMessage());
    }
  }
}
