package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tornado.TornadoHarness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Frames are handed over as soon as they are decoded, and are those of whole chunks. For every
 * family.
 */
public abstract class StreamedSessionTest extends EndedChunkTest {
  private static final int CHUNKS = 7;

  /** Every call on an emulated device takes long. */
  private static final int FEW_CHUNKS = 2;

  /** Long enough for anything that happens at all. */
  private static final int MINUTES = 2;

  /** Frames as they were handed over. */
  private static final class Received {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Integer> pieces = new ArrayList<>();

    void add(VideoFrames part) {
      bytes.writeBytes(part.rgb());
      pieces.add(part.count());
    }
  }

  @Test
  @Tag("slow")
  void streamsTheBytesOfStepsOnTheReference() throws Exception {
    world().assumePlayedEverywhere();
    assertStreamsSteps(CpuBackend.reference(2), FEW_CHUNKS);
  }

  @Test
  void streamsTheBytesOfStepsOnTheCpu() throws Exception {
    assertStreamsSteps(CpuBackend.simd(3), CHUNKS);
  }

  @Test
  void streamsTheBytesOfStepsWhereDecodingOverlaps() throws Exception {
    assertStreamsSteps(new OwnMemoryBackend(), CHUNKS);
  }

  @Test
  void streamsTheBytesOfStepsOnAGpu() throws Exception {
    world().assumePlayedEverywhere();
    assertStreamsSteps(CudaTestDevice.openForModels(), FEW_CHUNKS);
  }

  @Test
  void streamsTheBytesOfStepsOnTornado() throws Exception {
    world().assumePlayedEverywhere();
    assertStreamsSteps(TornadoHarness.openForModels(), FEW_CHUNKS);
  }

  /** Streams chunk by chunk, then in one rollout that ends within a piece if pieces allow it. */
  private void assertStreamsSteps(Backend opened, int chunks) throws Exception {
    try (Backend backend = opened;
        WorldModel model = world().load(backend)) {
      List<byte[]> expected = undisturbed(model, chunks);
      IntFunction<? extends Action> actions = world().actions(model);
      List<Integer> pieces = new ArrayList<>();
      int frames = 0;
      try (WorldSession session = world().start(model)) {
        for (int chunk = 0; chunk < chunks; chunk++) {
          List<? extends Action> held = next(session, actions, frames);
          Received received = new Received();
          int made = chunk;
          session.stream(
              held,
              Progress.NONE,
              part -> {
                assertEquals(made, session.chunk(), "handed over before the chunk is complete");
                received.add(part);
              });
          assertEquals(chunk + 1, session.chunk());
          assertEquals(pieces(held.size()), received.pieces);
          assertArrayEquals(expected.get(chunk), received.bytes.toByteArray(), "chunk " + chunk);
          pieces.addAll(received.pieces);
          frames += held.size();
        }
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      expected.forEach(all::writeBytes);
      int last = pieces.removeLast();
      int wanted = last > 1 ? frames - 1 : frames;
      pieces.add(last > 1 ? last - 1 : last);
      Received received = new Received();
      try (WorldSession session = world().start(model)) {
        session.rollout(actions, wanted, Progress.NONE, received::add);
        assertEquals(chunks, session.chunk());
      }
      assertEquals(pieces, received.pieces);
      assertArrayEquals(
          Arrays.copyOf(all.toByteArray(), all.size() / frames * wanted),
          received.bytes.toByteArray(),
          "the rollout");
    }
  }

  private static void await(CountDownLatch latch, String what) {
    try {
      assertTrue(latch.await(MINUTES, TimeUnit.MINUTES), what);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next chunk does not even begin before all frames are there. */
  @Test
  void aRolloutHandsAChunkOverBeforeTheNextIsMade() throws Exception {
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      IntFunction<? extends Action> actions = world().actions(model);
      int first = session.nextFrames();
      CountDownLatch given = new CountDownLatch(first);
      session.rollout(
          frame -> {
            if (frame == first) {
              await(given, "the frames of chunk 0, before chunk 1 begins");
            }
            return actions.apply(frame);
          },
          first + 1,
          Progress.NONE,
          part -> {
            for (int i = 0; i < part.count(); i++) {
              given.countDown();
            }
          });
      assertEquals(2, session.chunk());
    }
  }

  /**
   * Nor does the next chunk wait for whoever takes the frames, who is never called twice at once.
   */
  @Test
  void aRolloutHandsAChunkOverWhileTheNextIsMade() throws Exception {
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = world().load(backend);
        WorldSession session = world().start(model)) {
      List<byte[]> expected = undisturbed(model, CHUNKS);
      IntFunction<? extends Action> actions = world().actions(model);
      int first = session.nextFrames();
      AtomicInteger reportsOfChunk1 = new AtomicInteger(Integer.MIN_VALUE);
      CountDownLatch next = new CountDownLatch(1);
      AtomicInteger inSink = new AtomicInteger();
      Received received = new Received();
      session.rollout(
          frame -> {
            if (frame == first) {
              reportsOfChunk1.set(0);
            }
            return actions.apply(frame);
          },
          IntStream.range(0, CHUNKS).map(model::framesOfChunk).sum(),
          (stage, done, total) -> {
            if (reportsOfChunk1.incrementAndGet() == 2) {
              next.countDown();
            }
          },
          part -> {
            assertEquals(1, inSink.incrementAndGet());
            await(next, "the end of the first pass of chunk 1, while chunk 0 is handed over");
            received.add(part);
            inSink.decrementAndGet();
          });
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      expected.forEach(all::writeBytes);
      assertArrayEquals(all.toByteArray(), received.bytes.toByteArray());
    }
  }

  /** The chunk whose frames were refused is made, the next one is not, and the session goes on. */
  @Test
  void aRolloutEndsWhenTheSinkFails() throws Exception {
    for (Backend opened : List.of(CpuBackend.simd(2), new OwnMemoryBackend())) {
      try (Backend backend = opened;
          WorldModel model = world().load(backend)) {
        List<byte[]> expected = undisturbed(model, FEW_CHUNKS + 2);
        IntFunction<? extends Action> actions = world().actions(model);
        List<Integer> pieces = pieces(model.framesOfChunk(0));
        int before = pieces.size();
        pieces.addAll(pieces(model.framesOfChunk(1)));
        for (int failing = before; failing < pieces.size(); failing++) {
          int fails = failing;
          try (WorldSession session = world().start(model)) {
            Received received = new Received();
            IOException thrown =
                assertThrows(
                    IOException.class,
                    () ->
                        session.rollout(
                            actions,
                            Integer.MAX_VALUE,
                            Progress.NONE,
                            part -> {
                              received.add(part);
                              if (received.pieces.size() > fails) {
                                throw new IOException("nobody there");
                              }
                            }));
            assertEquals("nobody there", thrown.getMessage());
            assertEquals(pieces.subList(0, failing + 1), received.pieces);
            assertEquals(2, session.chunk());
            int frame = model.framesOfChunk(0) + model.framesOfChunk(1);
            assertArrayEquals(
                expected.get(2), session.step(next(session, actions, frame)).rgb(), "goes on");
          }
        }
      }
    }
  }

  /** What was begun to be decoded is handed over; what was not counts as not made. */
  @Test
  void aRolloutIsCancelledBetweenTwoChunks() throws Exception {
    for (Backend opened : List.of(CpuBackend.simd(2), new OwnMemoryBackend())) {
      try (Backend backend = opened;
          WorldModel model = world().load(backend);
          WorldSession session = world().start(model)) {
        List<byte[]> expected = undisturbed(model, FEW_CHUNKS);
        Received received = new Received();
        assertThrows(
            CancellationException.class,
            () ->
                session.rollout(
                    world().actions(model),
                    Integer.MAX_VALUE,
                    Progress.NONE,
                    part -> {
                      session.cancel();
                      received.add(part);
                    }));
        assertEquals(1, session.chunk());
        assertArrayEquals(expected.getFirst(), received.bytes.toByteArray());
        assertArrayEquals(
            expected.get(1),
            session.step(next(session, world().actions(model), model.framesOfChunk(0))).rgb());
      }
    }
  }

  /** A sink that waits for what never comes is interrupted, on whatever thread it runs. */
  @Test
  void anInterruptionReachesTheSink() throws Exception {
    for (Backend opened : List.of(CpuBackend.simd(2), new OwnMemoryBackend())) {
      try (Backend backend = opened;
          WorldModel model = world().load(backend);
          WorldSession session = world().start(model);
          ExecutorService threads = Executors.newSingleThreadExecutor()) {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Future<Boolean> flag =
            threads.submit(
                () -> {
                  assertThrows(
                      InterruptedException.class,
                      () ->
                          session.rollout(
                              world().actions(model),
                              Integer.MAX_VALUE,
                              Progress.NONE,
                              part -> {
                                entered.countDown();
                                never.await();
                              }));
                  return Thread.interrupted();
                });
        await(entered, "frames");
        threads.shutdownNow();
        // On this thread the sink has cleared the flag by throwing; it is the other thread's else.
        assertEquals(!backend.usesHostMemory(), flag.get(MINUTES, TimeUnit.MINUTES));
        assertEquals(1, session.chunk());
      }
    }
  }

  /** Times of stages do not contain what others do meanwhile. */
  @Test
  void saysWhatTheStagesTook() throws Exception {
    for (Backend opened : List.of(CpuBackend.simd(2), new OwnMemoryBackend())) {
      try (Backend backend = opened;
          WorldModel model = world().load(backend);
          WorldSession session = world().start(model)) {
        IntFunction<? extends Action> actions = world().actions(model);
        assertEquals(Optional.empty(), session.times());
        int frame = 0;
        for (int chunk = 0; chunk < FEW_CHUNKS; chunk++) {
          List<? extends Action> held = next(session, actions, frame);
          long[] inSink = {0};
          long begun = System.nanoTime();
          session.stream(
              held,
              Progress.NONE,
              part -> {
                long from = System.nanoTime();
                while (System.nanoTime() - from < TimeUnit.MILLISECONDS.toNanos(20)) {
                  Thread.onSpinWait();
                }
                inSink[0] += System.nanoTime() - from;
              });
          long all = System.nanoTime() - begun;
          ChunkTimes times = session.times().orElseThrow();
          assertEquals(chunk, times.chunk());
          assertTrue(times.generatingNanos() > 0 && times.decodingNanos() > 0, times::toString);
          assertTrue(times.completingNanos() >= 0, times::toString);
          long stages = times.generatingNanos() + times.decodingNanos() + times.completingNanos();
          assertTrue(stages + inSink[0] <= all, () -> times + " and the sink in " + all);
          frame += held.size();
        }
        session.rollout(actions, 1, Progress.NONE, part -> {});
        assertEquals(FEW_CHUNKS, session.times().orElseThrow().chunk());
      }
    }
  }
}
