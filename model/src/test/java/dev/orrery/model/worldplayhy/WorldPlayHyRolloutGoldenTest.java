package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.hunyuanvae.HunyuanVaeConfig;
import dev.orrery.model.hunyuanvae.HunyuanVaeDecoder;
import dev.orrery.model.hunyuanvae.HunyuanVaeFixture;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.model.worldplay.ContextWindow;
import dev.orrery.model.worldplay.FieldOfViewOverlap;
import dev.orrery.model.worldplay.MemoryRetrieval;
import dev.orrery.model.worldplay.PlayedPath;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole sessions against the reference's pipeline: ten chunks of the distilled model, and two of
 * one with guidance whose schedule is broken off.
 */
class WorldPlayHyRolloutGoldenTest {
  private static final double LIMIT = 1e-4;

  static List<Golden.Arguments> rollouts() {
    return Golden.cases("worldplay-hy8b", "rollout");
  }

  static List<Golden.Arguments> guided() {
    return Golden.cases("worldplay-hy8b", "guided");
  }

  @ParameterizedTest
  @MethodSource("rollouts")
  void distilled(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Session session = new Session(arguments, golden, backend, arena);
      Video video = new Video(arguments, golden, backend, arena, session.model.vae());
      assertArrayEquals(golden.floats("outputs.sigmas"), session.model.sampler().sigmas());
      assertArrayEquals(golden.floats("outputs.timesteps"), session.model.sampler().timesteps());
      for (int chunk = 0; chunk < golden.config().integer("chunks"); chunk++) {
        session.assertSelected(chunk);
        ActivationTrace trace = new ActivationTrace(backend);
        GeneratedChunk made = session.generator.generate(session.path, (i, n) -> {}, trace);
        for (int step = 0; step < session.model.sampler().steps(); step++) {
          session.assertVelocity("outputs.velocity", chunk, step, "", trace);
        }
        session.assertLatents("outputs.latents", chunk, made.decodable());
        video.add(made.decodable(), chunk);
        made.completion().run();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("guided")
  void guided(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Session session = new Session(arguments, golden, backend, arena);
      float[] sigmas = golden.floats("outputs.sigmas");
      int steps = session.model.sampler().steps();
      assertArrayEquals(Arrays.copyOf(sigmas, steps + 1), session.model.sampler().sigmas());
      assertArrayEquals(golden.floats("outputs.timesteps"), session.model.sampler().timesteps());
      for (int chunk = 0; chunk < golden.config().integer("chunks"); chunk++) {
        session.assertSelected(chunk);
        ActivationTrace trace = new ActivationTrace(backend);
        GeneratedChunk made = session.generator.generate(session.path, (i, n) -> {}, trace);
        for (int step = 0; step < steps; step++) {
          session.assertVelocity("outputs.velocity_positive", chunk, step, "", trace);
          session.assertVelocity("outputs.velocity_negative", chunk, step, "negative.", trace);
        }
        session.assertLatents("outputs.latents", chunk, made.decodable());
        session.assertMoved(chunk, made.decodable());
        made.completion().run();
      }
    }
  }

  /** The video of a fixture, as it streams; of all frames there are means and deviations. */
  private static final class Video {
    private final Golden golden;
    private final Backend backend;
    private final FrameDecoder decoder;
    private final double limit;
    private final int wholeFrames;
    private final int chunks;
    private int frames;

    Video(
        Golden.Arguments arguments,
        Golden golden,
        Backend backend,
        TensorArena arena,
        HunyuanVaeConfig vae) {
      this.golden = golden;
      this.backend = backend;
      limit = arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
      HunyuanVaeDecoder network =
          new HunyuanVaeDecoder(
              Parameters.ofAutoencoder(Weights.of(golden.weights("vae.")), backend, arena), vae);
      Tensor raw = golden.tensor("outputs.video_raw");
      wholeFrames = raw.size(2);
      decoder =
          new WanFrameDecoder(
              network::decode,
              Golden.resources(backend, NoiseSource.NONE),
              raw.size(3),
              raw.size(4));
      // Emulated devices take their time.
      chunks =
          backend.usesHostMemory() ? Integer.MAX_VALUE : golden.config().integer("decode_chunks");
    }

    void add(Tensor latents, int chunk) {
      if (chunk >= chunks) {
        return;
      }
      ActivationTrace trace = new ActivationTrace(backend);
      VideoFrames bytes = decoder.decode(latents, trace);
      int before = frames;
      for (int f = 0; f < latents.size(0); f++) {
        int latent = chunk * WorldPlayHyGenerator.FRAMES + f;
        addFrames(trace.values().get("video" + latent));
      }
      assertEquals(bytes.count(), frames - before);
      if (chunk == 0) {
        assertBytes(bytes);
      }
    }

    /** Frames {@code [T, Y, X, 3]} as the decoder gives them. */
    private void addFrames(float[] values) {
      Tensor raw = golden.channelsLast("outputs.video_raw");
      int frameValues = (int) (raw.elements() / wholeFrames);
      for (int at = 0; at < values.length; at += frameValues) {
        float[] frame = Arrays.copyOfRange(values, at, at + frameValues);
        String where = ", frame " + frames;
        if (frames < wholeFrames) {
          float[] expected = raw.row(frames).toFloats();
          Golden.assertRelative("outputs.video_raw" + where, expected, frame, limit);
        }
        double deviation = golden.floats("outputs.frame_std")[frames];
        double mean = mean(frame);
        double wanted = golden.floats("outputs.frame_mean")[frames];
        assertEquals(wanted, mean, limit * deviation, "outputs.frame_mean" + where);
        double found = deviation(frame, mean);
        assertEquals(deviation, found, limit * deviation, "outputs.frame_std" + where);
        frames++;
      }
    }

    private static double mean(float[] values) {
      double sum = 0;
      for (float value : values) {
        sum += value;
      }
      return sum / values.length;
    }

    private static double deviation(float[] values, double mean) {
      double sum = 0;
      for (float value : values) {
        sum += (value - mean) * (value - mean);
      }
      return Math.sqrt(sum / (values.length - 1));
    }

    /** The first chunk in [0, 1]. */
    private void assertBytes(VideoFrames found) {
      float[] expected = golden.channelsLast("outputs.video").toFloats();
      assertEquals(expected.length, found.rgb().length);
      double slack = 255 * 2 * limit;
      for (int i = 0; i < expected.length; i++) {
        // Fractions of a step are cut off.
        double cut = 255 * expected[i] - (found.rgb()[i] & 0xff);
        assertTrue(cut >= -slack && cut <= 1 + slack, "outputs.video: off by " + cut);
      }
    }
  }

  /** The loop of a fixture. */
  private static final class Session {
    final Golden golden;
    final Backend backend;
    final double limit;
    final WorldPlayHyConfig model;
    final WorldPlayHyGenerator generator;
    final MemoryRetrieval retrieval;
    final PlayedPath path = new PlayedPath();
    private final Tensor noise;

    Session(Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena) {
      this.golden = golden;
      this.backend = backend;
      limit = arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
      JsonValue json = golden.config();
      model = model(json);
      Weights weights = Weights.of(golden.weights("transformer."));
      WorldPlayHyTransformer dit =
          new WorldPlayHyTransformer(
              Parameters.ofTransformer(weights, backend, arena), model.dit());
      weights.finish();
      noise = golden.channelsLast("inputs.noise");
      NoiseSource noises =
          (chunk, out) -> {
            float[] values = chunkOf(noise, (int) chunk);
            System.arraycopy(values, 0, out, 0, out.length);
          };
      SessionResources resources = Golden.resources(backend, noises);
      Workspace workspace = resources.passes();
      StartResources start = new StartResources(backend, arena, workspace);
      PromptStates positive = WorldPlayHyFixture.states(golden, backend, start);
      TextMemory prompt = dit.newTextMemory(positive.tokens(), arena);
      dit.text().remember(positive, start, prompt, new ActivationTrace(backend));
      Optional<TextMemory> negative = Optional.empty();
      if (model.sampler().guided()) {
        PromptStates states = WorldPlayHyFixture.negativeStates(golden, backend, start);
        negative = Optional.of(dit.newTextMemory(positive.tokens(), arena));
        dit.text().remember(states, start, negative.get(), new ActivationTrace(backend));
      }
      float[] image = image();
      WorldPlayHyCondition condition = new WorldPlayHyCondition(prompt, negative, image.length);
      condition.image(image);
      retrieval =
          new MemoryRetrieval(
              FieldOfViewOverlap.ofPoints(golden.floats("inputs.points")),
              WorldPlayHyGenerator.BEGINNING);
      generator = new WorldPlayHyGenerator(model, dit, condition, retrieval, resources);
      WorldPlayHyFixture.cameras(golden).forEach(path::add);
      long[] labels = golden.longs("inputs.action");
      for (int frame = 0; frame < labels.length; frame++) {
        assertEquals(labels[frame], path.label(frame), "action of frame " + frame);
      }
    }

    private static WorldPlayHyConfig model(JsonValue json) {
      int ratio = HunyuanVaeConfig.SPATIAL_RATIO;
      WorldPlayHySampler sampler =
          WorldPlayHySampler.of(
              json.integer("steps"), json.number("flow_shift"), json.number("guidance"));
      return new WorldPlayHyConfig(
          ratio * json.integer("h"),
          ratio * json.integer("w"),
          WorldPlayHyFixture.config(json),
          json.has("block_out_channels") ? HunyuanVaeFixture.config(json) : null,
          null,
          json.has("run_steps") ? sampler.first(json.integer("run_steps")) : sampler,
          Optional.empty(),
          json.integer("vision_tokens"));
    }

    /** The latent of the picture: the first frame of the condition without its mask. */
    private float[] image() {
      String name =
          golden.has("outputs.cond_latents") ? "outputs.cond_latents" : "inputs.cond_latents";
      float[] condition = golden.channelsLast(name).row(0).toFloats();
      int channels = model.dit().channels();
      float[] image = new float[condition.length / (channels + 1) * channels];
      for (int i = 0; i < image.length; i++) {
        image[i] = condition[i / channels * (channels + 1) + i % channels];
      }
      return image;
    }

    private static float[] chunkOf(Tensor frames, int chunk) {
      long first = (long) chunk * WorldPlayHyGenerator.FRAMES;
      return frames.slice(first, first + WorldPlayHyGenerator.FRAMES).toFloats();
    }

    void assertSelected(int chunk) {
      int width = golden.tensor("outputs.selected").size(1);
      List<Integer> expected =
          Arrays.stream(golden.longs("outputs.selected"), chunk * width, (chunk + 1) * width)
              .filter(frame -> frame >= 0)
              .mapToObj(Math::toIntExact)
              .toList();
      ContextWindow window = retrieval.select(path.cameras(), chunk * WorldPlayHyGenerator.FRAMES);
      assertEquals(expected, window.memory(), "selected, chunk " + chunk);
      assertEquals(golden.longs("outputs.context_count")[chunk], window.memory().size());
      assertEquals(golden.longs("outputs.rope_start")[chunk], window.firstChunkSlot());
    }

    /** A velocity {@code [chunk, step][C, F, h, w]}. */
    void assertVelocity(String name, int chunk, int step, String side, ActivationTrace trace) {
      Tensor stored = golden.tensor(name).row(chunk).row(step);
      Shape video = Shape.of(1, stored.size(0), stored.size(1), stored.size(2), stored.size(3));
      Golden.assertRelative(
          name + ", chunk " + chunk + ", step " + step,
          Golden.channelsLast(stored.toFloats(), video).toFloats(),
          trace.values().get("step" + step + "." + side + "velocity"),
          limit);
    }

    void assertLatents(String name, int chunk, Tensor found) {
      float[] expected = chunkOf(golden.channelsLast(name), chunk);
      Golden.assertRelative(
          name + ", chunk " + chunk, expected, Golden.floats(backend, found), limit);
    }

    /** Latents that are still noise mostly: what was made of it. */
    void assertMoved(int chunk, Tensor found) {
      float[] before = chunkOf(noise, chunk);
      float[] expected = chunkOf(golden.channelsLast("outputs.latents"), chunk);
      float[] made = Golden.floats(backend, found);
      for (int i = 0; i < made.length; i++) {
        expected[i] -= before[i];
        made[i] -= before[i];
      }
      // Guidance multiplies what 16-bit types leave of the difference of two velocities.
      double guided = backend.usesHostMemory() ? limit : limit * model.sampler().guidance();
      Golden.assertRelative("outputs.latents - noise, chunk " + chunk, expected, made, guided);
    }
  }
}
