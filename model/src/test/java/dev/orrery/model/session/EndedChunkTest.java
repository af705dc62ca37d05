package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * A chunk that is ended was either not made, or made as if nothing had happened; which of the two
 * its session says. For every family.
 */
public abstract class EndedChunkTest {
  /** Far enough for most caches to roll. */
  private static final int CHUNKS = 4;

  private static final int FRAMES_PER_LATENT = 4;

  @TempDir Path folder;

  /** A tiny model of the family. */
  protected abstract TinyWorld world();

  /** Frames of each piece in which the frames of a chunk are handed over. */
  static List<Integer> pieces(int frames) {
    List<Integer> pieces = new ArrayList<>();
    if (frames % FRAMES_PER_LATENT != 0) {
      pieces.add(1);
    }
    pieces.addAll(Collections.nCopies(frames / FRAMES_PER_LATENT, FRAMES_PER_LATENT));
    assertEquals(frames, pieces.stream().mapToInt(piece -> piece).sum());
    return pieces;
  }

  static List<? extends Action> next(
      WorldSession session, IntFunction<? extends Action> actions, int frame) {
    return IntStream.range(frame, frame + session.nextFrames()).mapToObj(actions).toList();
  }

  /** What a session that nobody disturbs makes, chunk by chunk. */
  List<byte[]> undisturbed(WorldModel model, int chunks) {
    List<byte[]> made = new ArrayList<>();
    try (WorldSession session = world().start(model)) {
      int frame = 0;
      for (int chunk = 0; chunk < chunks; chunk++) {
        VideoFrames frames = session.step(next(session, world().actions(model), frame));
        frame += frames.count();
        made.add(frames.rgb());
      }
    }
    return made;
  }

  /** Disturbs a chunk that is about to be made. */
  @FunctionalInterface
  private interface Disturbance {
    /**
     * @param number counts the disturbances
     * @param actions of the chunk
     * @param others other actions for it
     * @return the frames of the chunk, or null if it was not made
     */
    byte[] of(
        WorldSession session,
        int number,
        List<? extends Action> actions,
        List<? extends Action> others)
        throws Exception;
  }

  /** Disturbs every chunk some times, on the CPU and where decoding could overlap. */
  private void assertSameAlthough(Disturbance disturbance, int times) throws Exception {
    List<Supplier<Backend>> backends = List.of(() -> CpuBackend.simd(2), OwnMemoryBackend::new);
    for (Supplier<Backend> opener : backends) {
      try (Backend backend = opener.get();
          WorldModel model = world().load(backend)) {
        List<byte[]> expected = undisturbed(model, times + CHUNKS);
        IntFunction<? extends Action> actions = world().actions(model);
        try (WorldSession session = world().start(model)) {
          int frame = 0;
          int number = 0;
          while (session.chunk() < expected.size()) {
            int chunk = session.chunk();
            int frames = session.nextFrames();
            List<? extends Action> others = next(session, i -> actions.apply(i + 40), frame);
            byte[] made = null;
            if (number < times) {
              made = disturbance.of(session, number++, next(session, actions, frame), others);
              assertEquals(made == null ? chunk : chunk + 1, session.chunk(), "whether it is made");
            }
            if (made == null) {
              made = session.step(next(session, actions, frame)).rgb();
            }
            assertArrayEquals(expected.get(chunk), made, "chunk " + chunk);
            frame += frames;
          }
        }
      }
    }
  }

  /** Progress reports of a chunk; the last three are before decoding, completing and at the end. */
  private int reports() {
    List<Integer> seen = new ArrayList<>();
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      session.step(
          next(session, world().actions(model), 0),
          (stage, done, total) -> {
            assertEquals(seen.size(), done);
            seen.add(total);
          });
    }
    assertEquals(Collections.nCopies(seen.size(), seen.size() - 1), seen);
    return seen.size();
  }

  /** Cancelled or interrupted at any moment. */
  @Test
  void isMadeOrNotWhenItIsCancelled() throws Exception {
    int reports = reports();
    assertSameAlthough(
        (session, number, actions, others) -> {
          boolean tooLate = number >= reports - 2;
          Progress cancels =
              (stage, done, total) -> {
                if (done == number) {
                  session.cancel();
                }
              };
          ByteArrayOutputStream given = new ByteArrayOutputStream();
          WorldSession.FrameSink<RuntimeException> sink = part -> given.writeBytes(part.rgb());
          if (tooLate) {
            session.stream(actions, cancels, sink);
            return given.toByteArray();
          }
          assertEquals(
              "chunk " + session.chunk() + " was cancelled",
              assertThrows(CancellationException.class, () -> session.stream(others, cancels, sink))
                  .getMessage());
          assertEquals(0, given.size());
          return null;
        },
        reports);
  }

  @Test
  void isMadeOrNotWhenTheThreadIsInterrupted() throws Exception {
    int reports = reports();
    assertSameAlthough(
        (session, number, actions, others) -> {
          Progress interrupts =
              (stage, done, total) -> {
                if (done == number) {
                  Thread.currentThread().interrupt();
                }
              };
          if (number >= reports - 2) {
            byte[] made = session.step(actions, interrupts).rgb();
            assertTrue(Thread.interrupted(), "the flag stays");
            return made;
          }
          String message = "chunk " + session.chunk() + " was interrupted";
          // Until somebody has seen the flag.
          for (int i = 0; i < 2; i++) {
            assertEquals(
                message,
                assertThrows(CancellationException.class, () -> session.step(others, interrupts))
                    .getMessage());
          }
          assertTrue(Thread.interrupted(), "the flag stays");
          return null;
        },
        reports);
  }

  /** Once the first frame is out, all follow. */
  @Test
  void isMadeWhenItsFramesAreHandedOver() throws Exception {
    assertSameAlthough(
        (session, number, actions, others) -> {
          ByteArrayOutputStream given = new ByteArrayOutputStream();
          session.stream(
              actions,
              Progress.NONE,
              part -> {
                if (given.size() == 0) {
                  session.cancel();
                  Thread.currentThread().interrupt();
                }
                given.writeBytes(part.rgb());
              });
          assertTrue(Thread.interrupted(), "the flag stays");
          return given.toByteArray();
        },
        2);
  }

  @Test
  void isMadeWhenTheSinkFails() throws Exception {
    assertSameAlthough(
        (session, number, actions, others) -> {
          List<Integer> pieces = pieces(session.nextFrames());
          int failing = number % pieces.size();
          byte[] made;
          try (WorldSession fork = session.fork()) {
            made = fork.step(actions).rgb();
          }
          List<Integer> given = new ArrayList<>();
          IOException thrown =
              assertThrows(
                  IOException.class,
                  () ->
                      session.stream(
                          actions,
                          Progress.NONE,
                          part -> {
                            given.add(part.count());
                            if (given.size() == failing + 1) {
                              throw new IOException("nobody there");
                            }
                          }));
          assertEquals("nobody there", thrown.getMessage());
          assertEquals(pieces.subList(0, failing + 1), given, "pieces until it failed");
          return made;
        },
        4);
  }

  /** What a progress throws before decoding ends the chunk, later it does not. */
  @Test
  void isMadeOrNotWhenTheProgressFails() throws Exception {
    int reports = reports();
    assertSameAlthough(
        (session, number, actions, others) -> {
          byte[] made;
          try (WorldSession fork = session.fork()) {
            made = fork.step(actions).rgb();
          }
          Progress fails =
              (stage, done, total) -> {
                if (done == number) {
                  throw new IllegalStateException("no more paper");
                }
              };
          boolean tooLate = number >= reports - 2;
          List<? extends Action> held = tooLate ? actions : others;
          assertEquals(
              "no more paper",
              assertThrows(IllegalStateException.class, () -> session.step(held, fails))
                  .getMessage());
          return tooLate ? made : null;
        },
        reports);
  }

  @Test
  void isMadeWhenTheIdleSessionWasCancelled() throws Exception {
    assertSameAlthough(
        (session, number, actions, others) -> {
          session.cancel();
          session.save(
              folder.resolve("idle.safetensors"), (stage, done, total) -> session.cancel());
          session.fork().close();
          session.cancel();
          return session.step(actions).rgb();
        },
        2);
  }

  @Test
  void isNotMadeWhenADeviceFailsBeforeItIsDecoded() throws Exception {
    int decoding = reports() - 3;
    try (LosableBackend backend = new LosableBackend(CpuBackend.simd(2));
        WorldModel model = world().load(backend)) {
      List<byte[]> expected = undisturbed(model, decoding + 1);
      try (WorldSession session = world().start(model)) {
        int frame = 0;
        while (session.chunk() <= decoding) {
          int chunk = session.chunk();
          List<? extends Action> actions = next(session, world().actions(model), frame);
          Progress loses =
              (stage, done, total) -> {
                if (done == chunk) {
                  backend.lose();
                }
              };
          assertThrows(IllegalStateException.class, () -> session.step(actions, loses));
          backend.find();
          frame += session.nextFrames();
          assertArrayEquals(expected.get(chunk), session.step(actions).rgb());
        }
      }
    }
  }

  /** Decoders and caches are somewhere in between then. */
  @Test
  void endsTheSessionWhenADeviceFailsLater() throws Exception {
    int completing = reports() - 2;
    assertEndsTheSession(lost -> (stage, done, total) -> {}, lost -> part -> lost.lose());
    assertEndsTheSession(
        lost ->
            (stage, done, total) -> {
              if (done == completing) {
                lost.lose();
              }
            },
        lost -> part -> {});
  }

  private void assertEndsTheSession(
      Function<LosableBackend, Progress> progress,
      Function<LosableBackend, WorldSession.FrameSink<RuntimeException>> sink)
      throws Exception {
    try (LosableBackend backend = new LosableBackend(new OwnMemoryBackend());
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      List<? extends Action> actions = next(session, world().actions(model), 0);
      Executable streams =
          () -> session.stream(actions, progress.apply(backend), sink.apply(backend));
      assertEquals(
          "the device is lost", assertThrows(IllegalStateException.class, streams).getMessage());
      backend.find();
      assertEquals(0, session.chunk());
      Path file = folder.resolve("broken.safetensors");
      List<Executable> uses =
          List.of(
              () -> session.step(actions),
              () -> session.rollout(i -> actions.getFirst(), 1, Progress.NONE, part -> {}),
              session::fork,
              () -> session.save(file));
      for (Executable use : uses) {
        IllegalStateException refusal = assertThrows(IllegalStateException.class, use);
        assertEquals(
            "a chunk could not be decoded and completed, and the session cannot go on:"
                + " the device is lost",
            refusal.getMessage());
        assertEquals("the device is lost", refusal.getCause().getMessage());
      }
      assertFalse(Files.exists(file));
    }
  }
}
