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
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for all worlds that are made frame by frame, with the tiny model of a family. */
public abstract class FrameByFrameTest {
  /** Further than the window of any tiny model reaches, twice. */
  private static final int FRAMES = 11;

  /** Until the window slides; emulated devices take long. */
  private static final int FEW_FRAMES = 4;

  /** Until two frames after each other have a window that slides. */
  private static final int COUNTED_FRAMES = 6;

  /** A tiny model of the family. */
  protected abstract SyntheticWorld world();

  private static byte[] steps(
      WorldSession session, IntFunction<? extends Action> actions, int frames) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int frame = 0; frame < frames; frame++) {
      assertEquals(1, session.nextFrames());
      bytes.writeBytes(session.step(List.of(actions.apply(session.chunk())), Progress.NONE).rgb());
    }
    return bytes.toByteArray();
  }

  private byte[] steps(WorldModel model, int images, long seed) {
    return steps(model, images, seed, FRAMES);
  }

  private byte[] steps(WorldModel model, int images, long seed, int frames) {
    try (WorldSession session = world().start(model, images, seed)) {
      return steps(session, world().actions(model), frames);
    }
  }

  private StartRequirements.Images images() {
    return world().family().open(world().folder()).startRequirements().images();
  }

  @Test
  void sameBytesForAnyNumberOfThreadsAndOtherOnesForAnotherStart() {
    int least = images().least();
    int most = images().most();
    byte[] expected;
    byte[] longer;
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = world().load(backend)) {
      expected = steps(model, least, 7);
      assertArrayEquals(expected, steps(model, least, 7), "a second session");
      assertFalse(Arrays.equals(expected, steps(model, least, 8)), "the seed");
      longer = steps(model, most, 7);
      assertEquals(least == most, Arrays.equals(expected, longer), "more images");
    }
    for (int threads = 2; threads <= 3; threads++) {
      try (Backend backend = CpuBackend.simd(threads);
          WorldModel model = world().load(backend)) {
        assertArrayEquals(expected, steps(model, least, 7), threads + " threads");
        assertArrayEquals(longer, steps(model, most, 7), threads + " threads, more images");
      }
    }
  }

  /** A rollout gives the bytes of steps, decoding beside the next frame or not. */
  @Test
  void rolloutsGiveTheBytesOfSteps() {
    byte[] expected;
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend)) {
      expected = steps(model, images().least(), 5);
      assertRolloutGives(expected, model, FRAMES);
    }
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = world().load(backend)) {
      assertRolloutGives(expected, model, FRAMES);
    }
  }

  private void assertRolloutGives(byte[] expected, WorldModel model, int frames) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WorldSession session = world().start(model, images().least(), 5)) {
      session.rollout(
          world().actions(model), frames, Progress.NONE, made -> bytes.writeBytes(made.rgb()));
    }
    assertArrayEquals(expected, bytes.toByteArray());
  }

  @Test
  void rolloutsGiveTheBytesOfStepsOnAGpu() {
    world().assumePlayedEverywhere();
    try (Backend backend = CudaTestDevice.openForModels();
        WorldModel model = world().load(backend)) {
      assertRolloutGives(steps(model, images().least(), 5, FEW_FRAMES), model, FEW_FRAMES);
    }
  }

  /**
   * Each pass over a frame is one batch, which a GPU launches as one graph, and so is its decoding;
   * no kernel is launched alone. How many kernels a graph has does not depend on how many frames
   * lie behind the new one: they are worked on together, not one by one.
   */
  @Test
  void onAGpuAPassIsOneGraphOfAsManyKernelsHoweverLongThePast() {
    world().assumePlayedEverywhere();
    try (LaunchCounter gpu = LaunchCounter.open();
        WorldModel model = world().load(gpu);
        WorldSession session = world().start(model, images().least(), 5)) {
      IntFunction<? extends Action> actions = world().actions(model);
      List<List<Long>> kernels = new ArrayList<>();
      for (int frame = 0; frame < COUNTED_FRAMES; frame++) {
        List<Integer> batchesBefore = new ArrayList<>();
        gpu.reset();
        session.step(
            List.of(actions.apply(frame)),
            (stage, pass, all) -> batchesBefore.add(gpu.batches().size()));
        // Told before each pass, before the decoding and after it.
        int batches = gpu.batches().size();
        int ofTheStart = frame == 0 ? graphsOfTheStart() : 0;
        if (reportsEveryGraph()) {
          assertEquals(
              IntStream.rangeClosed(ofTheStart, batches).boxed().toList(),
              batchesBefore.stream().distinct().toList(),
              "frame " + frame);
        }
        assertTrue(batches > world().family().open(world().folder()).steps(), "passes, decoding");
        assertEquals(0, gpu.outsideOfBatches(), "frame " + frame);
        kernels.add(gpu.batches());
      }
      assertEquals(kernels.get(1), kernels.get(2), "the window grows");
      assertEquals(kernels.get(COUNTED_FRAMES - 2), kernels.get(COUNTED_FRAMES - 1), "it slides");
      int last = kernels.get(1).size() - 2;
      assertEquals(
          kernels.get(1).get(last),
          kernels.get(COUNTED_FRAMES - 1).get(last),
          "the pass over one frame");
      if (reportsEveryGraph()) {
        assertEquals(
            !Boolean.getBoolean("requireGpu"), kernels.getFirst().stream().allMatch(it -> it > 1));
      }
    }
  }

  /** Whether nothing is run between passes and around them, so that progress tells every graph. */
  protected boolean reportsEveryGraph() {
    return true;
  }

  /** Graphs that the first frame runs for what the world starts from, before any pass. */
  protected int graphsOfTheStart() {
    return 0;
  }

  @Test
  void rolloutsGiveTheBytesOfStepsOnTornado() {
    world().assumePlayedEverywhere();
    try (Backend backend = TornadoHarness.openForModels();
        WorldModel model = world().load(backend)) {
      assertRolloutGives(steps(model, images().least(), 5, FEW_FRAMES), model, FEW_FRAMES);
    }
  }

  /** Cancelled at every pass, the last moment included, a frame leaves nothing behind. */
  @Test
  void aCancelledFrameCanBeMadeAgain() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world().load(backend)) {
      byte[] expected = steps(model, images().least(), 3);
      IntFunction<? extends Action> actions = world().actions(model);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (WorldSession session = world().start(model, images().least(), 3)) {
        int passes = world().family().open(world().folder()).steps();
        for (int frame = 0; frame < FRAMES; frame++) {
          int cancelAfter = frame % passes;
          Progress cancel =
              (stage, pass, all) -> {
                if (pass == cancelAfter) {
                  session.cancel();
                }
              };
          List<? extends Action> others = List.of(actions.apply(frame + 40));
          assertThrows(CancellationException.class, () -> session.step(others, cancel));
          bytes.writeBytes(session.step(List.of(actions.apply(frame)), Progress.NONE).rgb());
        }
      }
      assertArrayEquals(expected, bytes.toByteArray());
    }
  }
}
