package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tornado.TornadoHarness;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.memory.SessionState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Forked and resumed sessions go on with the bytes of the session that they come from. For every
 * family, on every backend.
 */
public abstract class SavedSessionTest {
  /** At the start, in the first chunks, and when the caches have rolled over. */
  private static final int[] SAVED_AT = {0, 1, 7};

  private static final int GOES_ON = 3;

  /** Every call on an emulated device takes long. */
  private static final int GOES_ON_SHORTLY = 1;

  @TempDir Path folder;

  /** A tiny model of the family. */
  protected abstract TinyWorld world();

  /** Whether the start says something to all chunks that lies in the backend's memory. */
  protected boolean sharesMemory() {
    return true;
  }

  /** Whether a frame answers to the action that is given with it, and not the one after it. */
  protected boolean answersAtOnce() {
    return true;
  }

  @Test
  @Tag("slow")
  void goOnAlikeOnTheReference() throws Exception {
    world().assumePlayedEverywhere();
    assertGoOnAlike(() -> CpuBackend.reference(2), 1, GOES_ON_SHORTLY);
  }

  @Test
  void goOnAlikeOnTheCpu() throws Exception {
    for (int savedAt : SAVED_AT) {
      byte[] one = assertGoOnAlike(() -> CpuBackend.simd(1), savedAt, GOES_ON);
      assertArrayEquals(
          one, assertGoOnAlike(() -> CpuBackend.simd(3), savedAt, GOES_ON), "3 threads");
    }
  }

  @Test
  void goOnAlikeWhereDecodingOverlaps() throws Exception {
    assertGoOnAlike(OwnMemoryBackend::new, 2, GOES_ON);
  }

  @Test
  void goOnAlikeOnAGpu() throws Exception {
    world().assumePlayedEverywhere();
    assertGoOnAlike(CudaTestDevice::openForModels, 2, GOES_ON_SHORTLY);
  }

  @Test
  void goOnAlikeOnTornado() throws Exception {
    world().assumePlayedEverywhere();
    assertGoOnAlike(TornadoHarness::openForModels, 1, GOES_ON_SHORTLY);
  }

  /**
   * Plays, forks and saves; goes on with the first, with its forks, and with the resumed one.
   *
   * @return what the first made after it was saved
   */
  private byte[] assertGoOnAlike(Supplier<? extends Backend> opener, int savedAt, int more)
      throws IOException {
    Path file = folder.resolve("saved.safetensors");
    byte[] expected;
    int frame;
    int frames;
    try (Backend backend = opener.get();
        WorldModel model = world().load(backend)) {
      IntFunction<? extends Action> actions = world().actions(model);
      IntFunction<? extends Action> others = i -> actions.apply(3 * i + 20);
      byte[] otherwise;
      try (WorldSession session = world().start(model)) {
        frame = play(session, actions, 0, savedAt).frame();
        Played played = play(session, actions, frame, more);
        expected = played.rgb();
        frames = played.frame() - frame;
      }
      try (WorldSession session = world().start(model)) {
        play(session, actions, 0, savedAt);
        otherwise = play(session, others, frame, more).rgb();
      }
      assertEquals(
          model.actionSpace().isEmpty() || frames == 1 && !answersAtOnce(),
          Arrays.equals(expected, otherwise),
          "whether actions change anything");
      WorldSession session = world().start(model);
      play(session, actions, 0, savedAt);
      try (WorldSession fork = session.fork();
          WorldSession other = session.fork()) {
        assertEquals(savedAt, fork.chunk());
        session.save(file, Progress.NONE);
        assertArrayEquals(otherwise, play(other, others, frame, more).rgb(), "another fork");
        assertArrayEquals(expected, play(session, actions, frame, more).rgb(), "the first");
        // What they share outlives the first.
        session.close();
        try (WorldSession second = other.fork()) {
          assertArrayEquals(
              play(other, actions, 0, 1).rgb(), play(second, actions, 0, 1).rgb(), "a fork's fork");
        }
        assertArrayEquals(expected, rollout(fork, actions, frame, frames), "the fork");
      } finally {
        session.close();
      }
    }
    try (Backend backend = opener.get();
        WorldModel model = world().load(backend);
        WorldSession resumed = model.resume(file, Progress.NONE)) {
      assertEquals(savedAt, resumed.chunk());
      Path again = folder.resolve("again.safetensors");
      resumed.save(again, Progress.NONE);
      assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again), "saved again");
      try (WorldSession fork = resumed.fork()) {
        assertArrayEquals(
            expected, play(fork, world().actions(model), frame, more).rgb(), "a fork of it");
      }
      assertArrayEquals(
          expected, play(resumed, world().actions(model), frame, more).rgb(), "resumed");
    }
    return expected;
  }

  private record Played(byte[] rgb, int frame) {}

  private static Played play(
      WorldSession session, IntFunction<? extends Action> actions, int first, int chunks) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int frame = first;
    for (int i = 0; i < chunks; i++) {
      VideoFrames made = session.step(next(session, actions, frame), Progress.NONE);
      bytes.writeBytes(made.rgb());
      frame += made.count();
    }
    return new Played(bytes.toByteArray(), frame);
  }

  private static List<? extends Action> next(
      WorldSession session, IntFunction<? extends Action> actions, int frame) {
    return IntStream.range(frame, frame + session.nextFrames()).mapToObj(actions).toList();
  }

  /** As {@link #play}, where a chunk may be decoded while the next one is made. */
  private static byte[] rollout(
      WorldSession session, IntFunction<? extends Action> actions, int first, int frames) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    session.rollout(
        i -> actions.apply(first + i), frames, Progress.NONE, made -> bytes.writeBytes(made.rgb()));
    return bytes.toByteArray();
  }

  /** A chunk that was ended early leaves caches that are moved on already. */
  @Test
  void goOnAlikeAfterACancelledChunk() throws Exception {
    Path file = folder.resolve("cancelled.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      IntFunction<? extends Action> actions = world().actions(model);
      int frame = play(session, actions, 0, 4).frame();
      Progress cancels =
          (stage, step, steps) -> {
            if (step == 2) {
              session.cancel();
            }
          };
      List<? extends Action> others = next(session, i -> actions.apply(i + 40), frame);
      assertThrows(CancellationException.class, () -> session.step(others, cancels));
      session.save(file, Progress.NONE);
      try (WorldSession fork = session.fork();
          WorldSession resumed = model.resume(file, Progress.NONE)) {
        byte[] expected = play(session, actions, frame, 2).rgb();
        assertArrayEquals(expected, play(fork, actions, frame, 2).rgb(), "the fork");
        assertArrayEquals(expected, play(resumed, actions, frame, 2).rgb(), "resumed");
      }
    }
  }

  @Test
  void nothingIsSavedOrForkedWhileAChunkIsMade() throws Exception {
    Path file = folder.resolve("early.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      IntFunction<? extends Action> actions = world().actions(model);
      List<String> refusals = new ArrayList<>();
      Runnable tries =
          () -> {
            refusals.add(
                assertThrows(IllegalStateException.class, () -> session.save(file, Progress.NONE))
                    .getMessage());
            refusals.add(assertThrows(IllegalStateException.class, session::fork).getMessage());
          };
      session.step(next(session, actions, 0), (stage, step, steps) -> tries.run());
      assertFalse(refusals.isEmpty());
      assertEquals("chunk 0 is being made or saved", refusals.getFirst());
      refusals.clear();
      session.rollout(i -> actions.apply(i), 1, Progress.NONE, made -> tries.run());
      assertFalse(refusals.isEmpty());
      assertFalse(Files.exists(file));
      session.fork().close();
    }
  }

  /** What was there stays until the new file is complete, and nothing else is left. */
  @Test
  void aFileIsCompleteOrNotThere() throws Exception {
    Path file = folder.resolve("world.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      Files.writeString(file, "what was there");
      Progress fails =
          (stage, done, total) -> {
            throw new IllegalStateException("the disk is gone");
          };
      assertThrows(IllegalStateException.class, () -> session.save(file, fails));
      assertEquals("what was there", Files.readString(file));
      Path nowhere = folder.resolve("missing/world.safetensors");
      assertEquals(
          nowhere + ": cannot be written: no such file or folder",
          assertThrows(CheckpointException.class, () -> session.save(nowhere, Progress.NONE))
              .getMessage());
      session.save(file, Progress.NONE);
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(file), left.toList());
      }
    }
  }

  /** A link is the file that it leads to, whose place it gives up; one to nothing is refused. */
  @Test
  void linksAreFollowed() throws Exception {
    Path real = folder.resolve("real.safetensors");
    Path link = folder.resolve("world.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      session.save(real, Progress.NONE);
      byte[] before = Files.readAllBytes(real);
      Files.createSymbolicLink(link, real);
      try (WorldSession resumed = model.resume(link, Progress.NONE)) {
        play(resumed, world().actions(model), 0, 1);
        resumed.save(link, Progress.NONE);
      }
      assertFalse(Files.isSymbolicLink(link));
      assertArrayEquals(before, Files.readAllBytes(real));
      Files.delete(link);
      Files.createSymbolicLink(link, folder.resolve("nothing"));
      assertEquals(
          link + ": cannot be read: no such file or folder",
          assertThrows(CheckpointException.class, () -> model.resume(link, Progress.NONE))
              .getMessage());
      Files.delete(link);
      Files.createSymbolicLink(link, folder);
      assertEquals(
          link + ": expected a file, found a folder or device",
          assertThrows(CheckpointException.class, () -> model.resume(link, Progress.NONE))
              .getMessage());
    }
  }

  /** Forks take what was planned, resumed sessions what all take, and everything comes back. */
  @Test
  void takesTheMemoryThatWasPlanned() throws Exception {
    Path file = folder.resolve("world.safetensors");
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
        WorldModel model = world().load(backend)) {
      long loaded = backend.heldBytes();
      MemoryPlan plan = world().plan();
      WorldSession session = world().start(model);
      play(session, world().actions(model), 0, 6);
      assertEquals(loaded + plan.session() + plan.workspace(), backend.heldBytes());
      WorldSession fork = session.fork();
      assertEquals(loaded + plan.session() + plan.workspace() + plan.fork(), backend.heldBytes());
      assertEquals(
          sharesMemory(), plan.fork() < plan.session() + plan.workspace(), "whether forks share");
      long before = backend.takenBytes();
      session.save(file, Progress.NONE);
      assertEquals(before, backend.takenBytes(), "saving");
      session.close();
      session.close();
      fork.close();
      assertEquals(loaded, backend.heldBytes());
      before = backend.takenBytes();
      try (WorldSession resumed = model.resume(file, Progress.NONE)) {
        long taken = plan.session() + plan.workspace();
        assertEquals(before + taken, backend.takenBytes());
        play(resumed, world().actions(model), 0, 1);
        assertEquals(before + taken, backend.takenBytes());
      }
      assertEquals(loaded, backend.heldBytes());
      assertEquals(1, backend.openArenas());
    }
  }

  /** To look ahead from deep in a world costs what is looked at, and nothing of what was before. */
  @Test
  void lookingAheadDoesNotReplay() throws Exception {
    int depth = 20;
    int candidates = 4;
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      IntFunction<? extends Action> actions = world().actions(model);
      int frame = play(session, actions, 0, depth).frame();
      List<byte[]> seen = new ArrayList<>();
      long before = backend.batches();
      for (int i = 0; i < candidates; i++) {
        int other = 10 * i;
        try (WorldSession fork = session.fork()) {
          seen.add(play(fork, it -> actions.apply(it + other), frame, 1).rgb());
        }
      }
      long ahead = backend.batches() - before;
      before = backend.batches();
      byte[] next = play(session, actions, frame, 1).rgb();
      long chunk = backend.batches() - before;
      assertTrue(chunk >= 1, "nothing was counted");
      assertEquals(candidates * chunk, ahead);
      assertArrayEquals(next, seen.getFirst());
      assertEquals(depth + 1, session.chunk());
    }
  }

  /** Another thread than the one that forked may go on, and both at once. */
  @Test
  void aForkGoesOnBesideTheFirst() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      IntFunction<? extends Action> actions = world().actions(model);
      int frame = play(session, actions, 0, 2).frame();
      try (WorldSession fork = session.fork();
          ExecutorService threads = Executors.newFixedThreadPool(2)) {
        Future<Played> one = threads.submit(() -> play(session, actions, frame, 3));
        Future<Played> other = threads.submit(() -> play(fork, actions, frame, 3));
        assertArrayEquals(one.get().rgb(), other.get().rgb());
      }
    }
  }

  /** The state of one cannot be replaced while another looks at a part of it. */
  @Test
  void aSessionThatSharesItsStartIsNotRestored() throws Exception {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      SessionState state = SessionState.capture(backend, session);
      WorldSession fork = session.fork();
      assertEquals(
          "the session shares its start with others",
          assertThrows(IllegalStateException.class, () -> state.restore(backend, session))
              .getMessage());
      fork.close();
      state.restore(backend, session);
    }
  }
}
