package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.OwnMemoryBackend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.siglip.SiglipConfig;
import dev.orrery.model.siglip.SiglipEncoder;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of a tiny model: determinism, starts, guidance, memory. */
class WorldPlayHySessionTest {
  /** Chunk 7 chooses between two old chunks to remember. */
  private static final int CHUNKS = 8;

  private static final CameraPath PATH =
      CameraMotion.path(PoseString.parse("w-7, right-9, d-6, left-9"));

  @TempDir static Path folder;
  @TempDir static Path guided;

  @BeforeAll
  static void writeModels() throws Exception {
    TinyWorldPlayHy.write(folder);
    TinyWorldPlayHy.write(guided, TinyWorldPlayHy.GUIDED);
  }

  private static WorldModel load(Path model, Backend backend) {
    return WorldPlayHy.load(model, backend, Progress.NONE);
  }

  private static byte[] steps(WorldModel model, Start start) {
    try (WorldSession session = model.start(start, Progress.NONE)) {
      return steps(session, model, CHUNKS);
    }
  }

  private static byte[] steps(WorldSession session, WorldModel model, int chunks) {
    IntFunction<Action> actions = model.actionSpace().camera().orElseThrow().along(PATH);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int done = 0;
    while (session.chunk() < chunks) {
      List<Action> held =
          IntStream.range(done, done + session.nextFrames()).mapToObj(actions).toList();
      done += held.size();
      bytes.writeBytes(session.step(held, Progress.NONE).rgb());
    }
    return bytes.toByteArray();
  }

  private static Start start(EncodedPrompt prompt, long seed) {
    return new Start(List.of(TinyWorldPlayHy.picture()), Optional.of(prompt), seed);
  }

  /** A prompt with other states in one place. */
  private static EncodedPrompt with(String name, Tensor states) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(TinyWorldPlayHy.prompt(1).tensors());
    if (states == null) {
      tensors.remove(name);
    } else {
      tensors.put(name, states);
    }
    return new EncodedPrompt("castle", "none", Optional.empty(), tensors);
  }

  @Test
  void sameBytesForAnyNumberOfThreadsAndOtherOnesForAnotherStart() {
    byte[] expected;
    EncodedPrompt castle = TinyWorldPlayHy.prompt(1);
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = load(folder, backend)) {
      expected = steps(model, start(castle, 7));
      assertArrayEquals(expected, steps(model, start(castle, 7)), "a second session");
      assertFalse(Arrays.equals(expected, steps(model, start(castle, 8))), "the seed");
      EncodedPrompt other = TinyWorldPlayHy.prompt(2);
      assertFalse(Arrays.equals(expected, steps(model, start(other, 7))), "the prompt");
      EncodedPrompt unquoted = with(WorldPlayHyPrompts.GLYPHS, null);
      assertFalse(Arrays.equals(expected, steps(model, start(unquoted, 7))), "the quoted text");
      EncodedPrompt plain = with(WorldPlayHyPrompts.NEGATIVE, null);
      assertArrayEquals(expected, steps(model, start(plain, 7)), "a negative prompt is not asked");
      try (EncodedStart encoded = model.encode(start(other, 7), Progress.NONE);
          WorldSession session = encoded.start(7)) {
        assertArrayEquals(steps(model, start(other, 7)), steps(session, model, CHUNKS));
      }
    }
    int frames = 13 + 16 * (CHUNKS - 1);
    assertEquals(frames * TinyWorldPlayHy.ROWS * TinyWorldPlayHy.COLUMNS * 3, expected.length);
    try (Backend backend = CpuBackend.simd(3);
        WorldModel model = load(folder, backend)) {
      assertArrayEquals(expected, steps(model, start(castle, 7)), "3 threads");
    }
  }

  @Test
  void guidanceAsksTheNegativePrompt() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(guided, backend);
        WorldModel distilled = load(folder, backend)) {
      EncodedPrompt prompt = TinyWorldPlayHy.prompt(1);
      byte[] expected = steps(model, start(prompt, 7));
      assertFalse(Arrays.equals(expected, steps(distilled, start(prompt, 7))), "guidance");
      Tensor other = TinyWorldPlayHy.prompt(2).tensor(WorldPlayHyPrompts.NEGATIVE);
      EncodedPrompt changed = with(WorldPlayHyPrompts.NEGATIVE, other);
      assertFalse(Arrays.equals(expected, steps(model, start(changed, 7))), "negative prompt");
      EncodedPrompt without = with(WorldPlayHyPrompts.NEGATIVE, null);
      assertEquals(
          "prompt: expected negative.text, found [text, glyph]",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> model.start(start(without, 7), Progress.NONE))
              .getMessage());
    }
  }

  /** Only what is not distilled takes another number of steps. */
  @Test
  void stepsAreFreeWithGuidance() {
    ModelFolder more = WorldPlayHy.open(guided).withSteps(3);
    assertEquals(3, more.steps());
    assertEquals("WorldPlay-8B, 32x16, 3 denoising steps with guidance", more.description());
    ModelFolder distilled = WorldPlayHy.open(folder);
    assertThrows(IllegalArgumentException.class, () -> distilled.withSteps(3));
    for (int steps : new int[] {0, 1001}) {
      assertEquals(
          "expected 1 to 1000, found " + steps,
          assertThrows(IllegalArgumentException.class, () -> more.withSteps(steps)).getMessage());
    }
  }

  @Test
  void aRolloutGivesTheBytesOfStepsWhereDecodingOverlaps() throws Exception {
    try (Backend backend = new OwnMemoryBackend();
        WorldModel model = load(folder, backend)) {
      Start start = start(TinyWorldPlayHy.prompt(1), 5);
      byte[] expected = steps(model, start);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (WorldSession session = model.start(start, Progress.NONE)) {
        IntFunction<Action> actions = model.actionSpace().camera().orElseThrow().along(PATH);
        int frames = 13 + 16 * (CHUNKS - 1);
        session.rollout(actions, frames, Progress.NONE, part -> bytes.writeBytes(part.rgb()));
      }
      assertArrayEquals(expected, bytes.toByteArray());
    }
  }

  @Test
  void aPictureAndAPromptAreRequired() {
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = load(folder, backend)) {
      Start without = Start.of(TinyWorldPlayHy.prompt(1), 1);
      assertEquals(
          "start: expected 1 image, found 0",
          assertThrows(UnusableStartException.class, () -> model.start(without, Progress.NONE))
              .getMessage());
      assertEquals(
          folder + ": expected a prompt, found none",
          assertThrows(
                  CheckpointException.class,
                  () -> model.start(TinyWorldPlayHy.picture(), 1, Progress.NONE))
              .getMessage());
      EncodedPrompt smaller =
          new EncodedPrompt(
              "lake", "x", Optional.empty(), Map.of("features", Tensor.of(new float[18], 1, 18)));
      assertRefused("prompt: expected text, found [features]", model, smaller);
      assertRefused(
          "prompt: expected text of at most 1000 tokens of 18 channels, found [1, 17]",
          model,
          with(WorldPlayHyPrompts.TEXT, Tensor.of(new float[17], 1, 17)));
      assertRefused(
          "prompt: expected glyph of at most 256 tokens of 12 channels, found [257, 12]",
          model,
          with(WorldPlayHyPrompts.GLYPHS, Tensor.of(new float[257 * 12], 257, 12)));
    }
  }

  private static void assertRefused(String expected, WorldModel model, EncodedPrompt prompt) {
    assertEquals(
        expected,
        assertThrows(
                IllegalArgumentException.class, () -> model.start(start(prompt, 7), Progress.NONE))
            .getMessage());
  }

  /** An encoded prompt in the folder is taken if none is given. */
  @Test
  void takesTheStoredPrompt(@TempDir Path other) throws Exception {
    TinyWorldPlayHy.write(other);
    TinyWorldPlayHy.prompt(1).save(other.resolve("prompt.safetensors"));
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = load(other, backend);
        WorldSession session = model.start(TinyWorldPlayHy.picture(), 7, Progress.NONE)) {
      assertArrayEquals(
          steps(model, start(TinyWorldPlayHy.prompt(1), 7)), steps(session, model, CHUNKS));
    }
  }

  /** What SigLIP says may lie in a file in its place. */
  @Test
  void storedStatesOfThePictureStandForTheEncoder(@TempDir Path other) throws Exception {
    SyntheticWorld.write(WorldPlayHy.FAMILY, other, "");
    Start start;
    byte[] seen;
    try (Backend backend = CpuBackend.simd(2)) {
      EncodedPrompt prompt =
          WorldPlayHy.open(other).prompts().orElseThrow().encode("castle", backend);
      start = start(prompt, 7);
      try (WorldModel model = load(other, backend);
          WorldSession session = model.start(start, Progress.NONE)) {
        seen = steps(session, model, 2);
      }
      Path encoder = other.resolve("image_encoder");
      SiglipConfig config = SiglipConfig.of(JsonValue.read(encoder.resolve("config.json")));
      try (Checkpoint weights = Checkpoint.find(encoder, "model");
          TensorArena arena = backend.newArena()) {
        Parameters p = Parameters.ofTransformer(Weights.of(weights), backend, arena);
        StartResources resources =
            new StartResources(backend, arena, Workspace.of(arena, Golden.AMPLE));
        Tensor states = new SiglipEncoder(p, config).encode(TinyWorldPlayHy.picture(), resources);
        SafetensorsWriter.write(
            other.resolve("vision.safetensors"), Map.of("vision", states), Map.of());
      }
      Files.move(encoder, other.resolve("kept"));
      Path settings = other.resolve("config.json");
      String tokens = "{\"vision_tokens\": " + config.tokens() + ",";
      Files.writeString(settings, Files.readString(settings).replaceFirst("\\{", tokens));
      try (WorldModel model = load(other, backend);
          WorldSession session = model.start(start, Progress.NONE)) {
        assertArrayEquals(seen, steps(session, model, 2));
      }
    }
  }

  /** The encoder computes in fp32, the transformer on a GPU does not. */
  @Test
  void theEncoderOfImagesPlaysOnAGpuAsPlanned(@TempDir Path other) throws Exception {
    SyntheticWorld.write(WorldPlayHy.FAMILY, other, "");
    WorldPlayHy opened = WorldPlayHy.open(other);
    Start start;
    byte[] expected;
    try (Backend backend = CpuBackend.simd(2)) {
      start = start(opened.prompts().orElseThrow().encode("castle", backend), 7);
      try (WorldModel model = load(other, backend);
          WorldSession session = model.start(start, Progress.NONE)) {
        expected = steps(session, model, 1);
      }
    }
    try (CountingBackend counting = new CountingBackend(CudaTestDevice.openForModels());
        WorldModel model = load(other, counting);
        WorldSession session = model.start(start, Progress.NONE)) {
      byte[] found = steps(session, model, 1);
      double differences = 0;
      for (int i = 0; i < found.length; i++) {
        differences += Math.abs(Byte.toUnsignedInt(found[i]) - Byte.toUnsignedInt(expected[i]));
      }
      double mean = differences / found.length;
      assertTrue(mean < 0.6, "mean difference of bytes: " + mean);
      MemoryPlan plan = opened.plan(PlanningBackend.like(counting));
      assertEquals(plan.copiedWeights() + plan.session() + plan.workspace(), counting.heldBytes());
    }
  }

  @Test
  void theStatesOfThePictureAreFinite(@TempDir Path other) throws Exception {
    TinyWorldPlayHy.write(other);
    Path states = other.resolve("vision.safetensors");
    float[] values = new float[3 * 14];
    values[5] = Float.NaN;
    SafetensorsWriter.write(states, Map.of("vision", Tensor.of(values, 3, 14)), Map.of());
    try (Backend backend = CpuBackend.simd(1)) {
      assertEquals(
          states + ": vision: expected finite values, found NaN at 5",
          assertThrows(CheckpointException.class, () -> load(other, backend)).getMessage());
      Files.delete(states);
      assertEquals(
          other
              + ": expected the weights of the picture's states as vision.safetensors, found none",
          assertThrows(CheckpointException.class, () -> load(other, backend)).getMessage());
    }
  }

  /** A session holds what was planned, and longer rollouts hold no more. */
  @Test
  void holdsWhatWasPlanned() {
    for (Path model : List.of(folder, guided)) {
      MemoryPlan plan = WorldPlayHy.open(model).plan(PlanningBackend.cpu());
      try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2))) {
        try (WorldModel loaded = load(model, backend)) {
          assertEquals(plan.copiedWeights(), backend.heldBytes());
          try (WorldSession session =
              loaded.start(start(TinyWorldPlayHy.prompt(1), 1), Progress.NONE)) {
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
              session.step(loaded.actionSpace().controls().action(Set.of("w")));
              assertEquals(
                  plan.copiedWeights() + plan.session() + plan.workspace(), backend.heldBytes());
            }
          }
        }
        assertEquals(0, backend.openArenas());
      }
    }
  }

  /** Graphs, overlapped decoding and memory on a device of its own; no weights of the text stay. */
  @Test
  void playsOnAGpu() {
    MemoryPlan plan = WorldPlayHy.open(folder).plan(CudaBackend.planned());
    try (CudaBackend backend = CudaTestDevice.openForModels()) {
      long before = backend.device().freeMemory();
      try (WorldModel model = load(folder, backend)) {
        Start start = start(TinyWorldPlayHy.prompt(1), 5);
        byte[] expected = steps(model, start);
        assertArrayEquals(expected, steps(model, start), "a second session");
        try (WorldSession session = model.start(start, Progress.NONE)) {
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
