package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.FlowMatchSchedule;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.vae.VaeConfig;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The few-step loop over several blocks, with the reference's noise, as a batch and as a stream of
 * actions.
 */
class RolloutGoldenTest {
  private static final double TOLERANCE = 3e-4;

  static List<Golden.Arguments> cases() {
    return Golden.cases("rollout");
  }

  /** A configuration of the loop alone; image and video sizes follow from the latents. */
  static MatrixGame2Config config(JsonValue json, Shape latents) {
    String settings =
        """
        {"resolution": [%d, %d], "num_frame_per_block": %d, "denoising_step_list": %s,
         "timestep_shift": %s, "context_noise": %s,
         "image_encoder": {"image_size": 8, "patch_size": 4, "dim": %d, "num_heads": 1, "num_layers": 2}}
        """
            .formatted(
                VaeConfig.SPATIAL_RATIO * latents.extent(3),
                VaeConfig.SPATIAL_RATIO * latents.extent(4),
                json.integer("num_frame_per_block"),
                Arrays.toString(json.integers("denoising_step_list")),
                json.number("timestep_shift"),
                json.number("context_noise"),
                json.integer("img_dim"));
    return MatrixGame2Config.read(
        JsonValue.parse("rollout", settings.getBytes(StandardCharsets.UTF_8)), json);
  }

  /**
   * The reference's noise: the start of all blocks in one tensor, the later draws frame by frame.
   */
  static NoiseSource noise(Golden golden, int framesPerChunk) {
    Tensor start = golden.channelsLast("inputs.noise");
    Tensor later = golden.tensor("inputs.renoise");
    return (stream, out) -> {
      int block = (int) (stream / MatrixGame2Generator.STREAMS_PER_CHUNK);
      int step = (int) (stream % MatrixGame2Generator.STREAMS_PER_CHUNK);
      float[] values;
      if (step == 0) {
        values =
            start
                .slice((long) block * framesPerChunk, (long) (block + 1) * framesPerChunk)
                .toFloats();
      } else {
        Tensor drawn = later.row(block).row(step - 1);
        values =
            Golden.framesChannelsLast(
                    drawn.toFloats(), drawn.size(0), drawn.size(1), drawn.size(2), drawn.size(3))
                .toFloats();
      }
      System.arraycopy(values, 0, out, 0, out.length);
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void batch(Golden.Arguments arguments) {
    run(arguments, "outputs.batch.", false);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stream(Golden.Arguments arguments) {
    run(arguments, "outputs.stream.", true);
  }

  private static void run(Golden.Arguments arguments, String start, boolean stream) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      MatrixGame2Config config = config(golden.config(), golden.shape("inputs.noise"));
      Weights weights = Weights.of(golden.weights(""));
      MatrixGame2Transformer dit =
          new MatrixGame2Transformer(
              Parameters.ofTransformer(weights, backend, arena), config.dit());
      weights.finish();
      Tensor features =
          Golden.moved(
              backend,
              arena,
              backend.computeTypes().transformer(),
              golden.tensor("inputs.visual_context").row(0));
      List<KvCache.View> images = dit.emptyImages(features.size(0), arena);
      dit.imagesInto(features, Workspace.of(arena, Golden.AMPLE), images);
      MatrixGame2Condition condition =
          new MatrixGame2Condition(
              Golden.moved(backend, arena, DType.F32, golden.channelsLast("inputs.cond_concat")),
              features,
              images);
      SessionResources resources =
          Golden.resources(backend, noise(golden, config.framesPerChunk()));
      MatrixGame2Generator generator = new MatrixGame2Generator(config, dit, condition, resources);
      FlowMatchSchedule schedule = new FlowMatchSchedule(config.timestepShift());
      ActionHistory history = new ActionHistory(config.dit().action(), config.framesPerChunk());
      float[] latents = new float[(int) golden.tensor("inputs.noise").elements()];
      int blocks = golden.config().integer("num_blocks");
      int blockValues = latents.length / blocks;
      for (int block = 0; block < blocks; block++) {
        history.put(config.firstFrameOfChunk(block), actions(golden, config, block, stream));
        ActivationTrace trace = new ActivationTrace(backend);
        GeneratedChunk made = generator.generate(block, history, (pass, passes) -> {}, trace);
        made.completion().run();
        float[] clean = Golden.floats(backend, made.decodable());
        System.arraycopy(clean, 0, latents, block * blockValues, blockValues);
        assertSteps(arguments, golden, start + "block" + block + ".", trace.values(), schedule);
      }
      float[] want = golden.channelsLast(start + "latents").toFloats();
      arguments.assertClose(start + "latents", want, latents, TOLERANCE);
      KvCache self = generator.memory().layers().getFirst().self().cache();
      float[] keys = Golden.floats(backend, self.keys());
      String cache = start + "final_cache.self.k";
      arguments.assertClose(cache, golden.floats(cache), keys, TOLERANCE);
    }
  }

  private static List<KeyboardMouse> actions(
      Golden golden, MatrixGame2Config config, int block, boolean stream) {
    int first = (int) config.firstFrameOfChunk(block);
    int count = config.framesOfChunk(block);
    List<KeyboardMouse> batch =
        ActionModuleGoldenTest.actions(golden, "inputs.keyboard_cond", "inputs.mouse_cond")
            .subList(first, first + count);
    if (!stream) {
      return batch;
    }
    KeyboardMouse held =
        new KeyboardMouse(
            golden.tensor("inputs.stream_keyboard").row(block).toFloats(),
            golden.has("inputs.stream_mouse")
                ? golden.tensor("inputs.stream_mouse").row(block).toFloats()
                : new float[0]);
    // The fixture's own record of what the arrays became says that these frames were overwritten.
    Tensor after = golden.tensor("outputs.stream.final_keyboard_cond").row(0);
    for (int f = first; f < first + count; f++) {
      assertTrue(Arrays.equals(held.keyboard(), after.row(f).toFloats()), "keys of frame " + f);
    }
    return Collections.nCopies(count, held);
  }

  /**
   * What the reference makes of the velocity of the cache pass and then drops, as we do not even
   * compute it. Timestep 0 is not in its table, so it takes the noise level of the nearest entry.
   */
  private static float[] contextClean(Map<String, float[]> values, FlowMatchSchedule schedule) {
    float sigma = schedule.sigmaAt(0);
    float[] clean = values.get("context.x_in").clone();
    float[] velocity = values.get("context.velocity");
    for (int i = 0; i < clean.length; i++) {
      clean[i] -= sigma * velocity[i];
    }
    return clean;
  }

  private static void assertSteps(
      Golden.Arguments arguments,
      Golden golden,
      String start,
      Map<String, float[]> values,
      FlowMatchSchedule schedule) {
    int compared = 0;
    for (String name : golden.names()) {
      boolean latents = name.endsWith(".x_in") || name.endsWith(".flow") || name.endsWith(".x0");
      if (!name.startsWith(start) || !latents) {
        continue;
      }
      // What the reference calls flow is a velocity.
      String tap = name.substring(start.length()).replace(".flow", ".velocity");
      float[] found = tap.equals("context.x0") ? contextClean(values, schedule) : values.get(tap);
      assertTrue(found != null, tap + " was not tapped");
      arguments.assertClose(name, golden.channelsLast(name).toFloats(), found, TOLERANCE);
      compared++;
    }
    int steps = golden.config().integers("denoising_step_list").length;
    assertEquals(3 * (steps + 1), compared, "compared tensors of " + start);
  }
}
