package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.OwnMemoryBackend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.media.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of a tiny model: determinism, cancelling, cameras, memory. */
class WorldPlaySessionTest {
  /** Chunk 5 chooses between two old chunks to remember. */
  private static final int CHUNKS = 6;

  private static final CameraPath PATH =
      CameraMotion.path(PoseString.parse("w-7, right-6, d-4, left-6"));

  @TempDir static Path folder;

  @BeforeAll
  static void writeModel() throws Exception {
    TinyWorldPlay.write(folder);
  }

  private static WorldModel load(Backend backend) {
    return WorldPlay.load(folder, backend, Progress.NONE);
  }

  private static EncodedPrompt prompt(String text) {
    try (Backend backend = CpuBackend.simd(1)) {
      return WorldPlay.open(folder).prompts().orElseThrow().encode(text, backend, Progress.NONE);
    }
  }

  private static WorldSession start(WorldModel model, RgbImage picture, long seed) {
    List<RgbImage> images = picture == null ? List.of() : List.of(picture);
    return model.start(new Start(images, Optional.of(prompt("castle")), seed), Progress.NONE);
  }

  private static byte[] steps(WorldSession session, IntFunction<? extends Action> actions) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int done = 0;
    while (session.chunk() < CHUNKS) {
      VideoFrames frames = session.step(next(session, actions, done), Progress.NONE);
      done += frames.count();
      bytes.writeBytes(frames.rgb());
    }
    return bytes.toByteArray();
  }

  private static List<? extends Action> next(
      WorldSession session, IntFunction<? extends Action> actions, int done) {
    return IntStream.range(done, done + session.nextFrames()).mapToObj(actions).toList();
  }

  private static byte[] steps(WorldModel model, RgbImage picture, long seed) {
    try (WorldSession session = start(model, picture, seed)) {
      return steps(session, model.actionSpace().camera().orElseThrow().along(PATH));
    }
  }

  @Test
  void sameBytesForAnyNumberOfThreadsAndOtherOnesForAnotherStart() {
    byte[] expected;
    byte[] fromText;
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = load(backend)) {
      expected = steps(model, TinyWorldPlay.picture(), 7);
      fromText = steps(model, null, 7);
      assertArrayEquals(expected, steps(model, TinyWorldPlay.picture(), 7), "a second session");
      assertFalse(Arrays.equals(expected, steps(model, TinyWorldPlay.picture(), 8)), "the seed");
      assertFalse(Arrays.equals(expected, fromText), "the image");
      try (WorldSession session = model.start(Start.of(prompt("lake"), 7), Progress.NONE)) {
        byte[] other = steps(session, model.actionSpace().camera().orElseThrow().along(PATH));
        assertFalse(Arrays.equals(fromText, other), "the prompt");
      }
    }
    int frames = 13 + 16 * (CHUNKS - 1);
    assertEquals(frames * TinyWorldPlay.ROWS * TinyWorldPlay.COLUMNS * 3, expected.length);
    try (Backend backend = CpuBackend.simd(3);
        WorldModel model = load(backend)) {
      assertArrayEquals(expected, steps(model, TinyWorldPlay.picture(), 7), "3 threads");
      assertArrayEquals(fromText, steps(model, null, 7), "3 threads, from text");
    }
  }

  /** A rollout gives the bytes of steps, decoding beside the next chunk or not. */
  @Test
  void rolloutsGiveTheBytesOfSteps() throws Exception {
    byte[] expected;
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend)) {
      expected = steps(model, TinyWorldPlay.picture(), 5);
      assertRolloutGives(expected, model);
    }
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = load(backend)) {
      assertRolloutGives(expected, model);
    }
  }

  private static void assertRolloutGives(byte[] expected, WorldModel model) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    IntFunction<Action> actions = model.actionSpace().camera().orElseThrow().along(PATH);
    try (WorldSession session = start(model, TinyWorldPlay.picture(), 5)) {
      int frames = 13 + 16 * (CHUNKS - 2) + 7;
      session.rollout(actions, frames, Progress.NONE, part -> bytes.writeBytes(part.rgb()));
      assertEquals(CHUNKS, session.chunk());
    }
    assertArrayEquals(Arrays.copyOf(expected, bytes.size()), bytes.toByteArray());
    assertEquals((13 + 16 * (CHUNKS - 2) + 7) * 32 * 64 * 3, bytes.size());
  }

  /** Cancelled at every pass, the last moment included, a chunk leaves nothing behind. */
  @Test
  void aCancelledChunkCanBeMadeAgainElsewhere() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend)) {
      byte[] expected = steps(model, null, 3);
      IntFunction<Action> actions = model.actionSpace().camera().orElseThrow().along(PATH);
      Action back = model.actionSpace().controls().action(Set.of("s"));
      try (WorldSession session = start(model, null, 3)) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int done = 0;
        while (session.chunk() < CHUNKS) {
          int cancelAfter = session.chunk() % WorldPlayGenerator.STEPS;
          Progress cancel =
              (stage, pass, passes) -> {
                if (pass == cancelAfter) {
                  session.cancel();
                }
              };
          List<Action> others = new ArrayList<>();
          for (int i = 0; i < session.nextFrames(); i++) {
            others.add(back);
          }
          assertEquals(
              "chunk " + session.chunk() + " was cancelled",
              assertThrows(CancellationException.class, () -> session.step(others, cancel))
                  .getMessage());
          VideoFrames frames = session.step(next(session, actions, done), Progress.NONE);
          done += frames.count();
          bytes.writeBytes(frames.rgb());
        }
        assertArrayEquals(expected, bytes.toByteArray());
        assertEquals(Optional.of(PATH), session.cameraPath());
      }
    }
  }

  /** Keys that are held go the way of the pose string that says the same. */
  @Test
  void keysMoveTheCamera() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend)) {
      ActionScript script =
          ActionScript.parse("q*1 w*28 l*24 d*16 j*24", model.actionSpace().controls());
      byte[] expected = steps(model, null, 4);
      try (WorldSession session = start(model, null, 4)) {
        assertArrayEquals(expected, steps(session, frame -> script.at(frame)));
        assertEquals(Optional.of(PATH), session.cameraPath());
      }
    }
  }

  @Test
  void pathIsWhatWasPlayed() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend);
        WorldSession session = start(model, null, 4)) {
      assertEquals(Optional.empty(), session.cameraPath());
      session.step(
          next(session, model.actionSpace().camera().orElseThrow().along(PATH), 0), Progress.NONE);
      assertEquals(Optional.of(PATH.first(4)), session.cameraPath());
    }
  }

  @Test
  void refusesActionsOfAnotherFamily() {
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = load(backend);
        WorldSession session = start(model, null, 4)) {
      Action foreign = new Action() {};
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> session.step(foreign));
      assertTrue(e.getMessage().startsWith("actions: expected those of WorldPlay"), e::getMessage);
      assertEquals(0, session.chunk());
    }
  }

  @Test
  void needsAPrompt() {
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = load(backend)) {
      CheckpointException e =
          assertThrows(
              CheckpointException.class,
              () -> model.start(TinyWorldPlay.picture(), 1, Progress.NONE));
      assertEquals(folder + ": expected a prompt, found none", e.getMessage());
    }
  }

  /** What is remembered lies in a file without a name, of which nothing is left. */
  @Test
  void whatIsRememberedIsGoneWithTheLastSession(@TempDir Path scratch) throws Exception {
    Path saved = scratch.resolve("world.safetensors");
    String before = System.setProperty("java.io.tmpdir", scratch.resolve("none").toString());
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(backend)) {
      WorldSession session = start(model, null, 4);
      IntFunction<Action> actions = model.actionSpace().camera().orElseThrow().along(PATH);
      CheckpointException refused =
          assertThrows(
              CheckpointException.class,
              () -> session.step(next(session, actions, 0), Progress.NONE));
      assertTrue(refused.getMessage().startsWith(scratch.resolve("none") + ": cannot be written"));
      assertEquals(0, session.chunk());
      System.setProperty("java.io.tmpdir", scratch.toString());
      byte[] made = session.step(next(session, actions, 0), Progress.NONE).rgb();
      try (WorldSession other = start(model, null, 4)) {
        assertArrayEquals(other.step(next(other, actions, 0), Progress.NONE).rgb(), made);
      }
      assertEquals(List.of(), openScratchFiles(scratch, 1));
      try (WorldSession fork = session.fork()) {
        assertEquals(List.of(), openScratchFiles(scratch, 1));
        fork.save(saved, Progress.NONE);
        session.close();
        model.resume(saved, Progress.NONE).close();
        assertEquals(List.of(saved), openScratchFiles(scratch, 1));
      }
      assertEquals(List.of(saved), openScratchFiles(scratch, 0));
      try (SafetensorsFile file = SafetensorsFile.open(saved)) {
        long chunk = file.tensors().get("generator.latents0").byteSize();
        assertEquals(3600 * chunk, model.memory().scratchPerHour());
      }
      System.setProperty("java.io.tmpdir", scratch.resolve("none").toString());
      assertThrows(CheckpointException.class, () -> model.resume(saved, Progress.NONE));
      assertEquals(List.of(saved), openScratchFiles(scratch, 0));
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  /** Files in a folder that have names, after a look at how many are open. */
  private static List<Path> openScratchFiles(Path scratch, long expected) throws IOException {
    Path open = Path.of("/proc/self/fd");
    if (Files.isDirectory(open)) {
      try (Stream<Path> links = Files.list(open)) {
        assertEquals(expected, links.filter(link -> isScratch(link, scratch)).count());
      }
    }
    try (Stream<Path> files = Files.list(scratch)) {
      return files.toList();
    }
  }

  private static boolean isScratch(Path link, Path scratch) {
    try {
      return Files.readSymbolicLink(link).toString().startsWith(scratch + "/orrery-");
    } catch (IOException e) {
      // That of the list itself is closed by now.
      return false;
    }
  }

  /** A session holds what was planned from the fifth chunk on, and longer rollouts hold no more. */
  @Test
  void holdsWhatWasPlanned() {
    MemoryPlan plan = WorldPlay.open(folder).plan(PlanningBackend.cpu());
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2))) {
      try (WorldModel model = load(backend)) {
        assertEquals(plan.copiedWeights(), backend.heldBytes());
        try (WorldSession session = start(model, TinyWorldPlay.picture(), 1)) {
          for (int chunk = 0; chunk < CHUNKS; chunk++) {
            session.step(model.actionSpace().controls().action(Set.of("w")));
            assertEquals(
                plan.copiedWeights() + plan.session() + plan.workspace(), backend.heldBytes());
          }
        }
      }
      assertEquals(0, backend.openArenas());
    }
  }

  /** Graphs, overlapped decoding and memory on a device of its own. */
  @Test
  void playsOnAGpu() {
    MemoryPlan plan = WorldPlay.open(folder).plan(CudaBackend.planned());
    try (CudaBackend backend = CudaTestDevice.openForModels()) {
      long before = backend.device().freeMemory();
      try (WorldModel model = load(backend)) {
        byte[] expected = steps(model, TinyWorldPlay.picture(), 5);
        assertRolloutGives(expected, model);
        try (WorldSession session = start(model, TinyWorldPlay.picture(), 5)) {
          session.step(model.actionSpace().controls().action(Set.of("w")));
          long found = before - backend.device().freeMemory();
          long planned = plan.copiedWeights() + plan.session() + plan.workspace();
          long rounding = Boolean.getBoolean("requireGpu") ? 64 << 20 : 64;
          assertTrue(
              found >= planned && found <= planned + rounding,
              "planned " + planned + " bytes, found " + found);
        }
      }
      assertEquals(before, backend.device().freeMemory(), "not given back");
    }
  }
}
