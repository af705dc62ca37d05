package dev.orrery.model.jafar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.MaskSchedule;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.RampedCosineSchedule;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks and the rollouts of jafar against the reference implementation. */
class GenieJafarGoldenTest {
  static List<Golden.Arguments> networks() {
    return Golden.cases("genie", "genie");
  }

  static List<Golden.Arguments> rollouts() {
    return Golden.cases("genie", "rollout");
  }

  /** All frames at once: tokens, what they are decoded to, and every block on the way. */
  @ParameterizedTest
  @MethodSource("networks")
  void tokenizer(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      JafarTokenizer tokenizer = fixture.networks.tokenizer();
      int batch = fixture.golden.tensor("inputs.video").size(0);
      for (int item = 0; item < batch; item++) {
        Tensor video = fixture.moved(fixture.golden.tensor("inputs.video").row(item));
        int frames = video.size(0);
        ActivationTrace trace = new ActivationTrace(fixture.backend);
        long rows = (long) frames * fixture.tokens;
        Tensor z = fixture.arena.empty(DType.F32, rows, fixture.config.codeDim());
        FrameCache cache = tokenizer.newEncoderCache(frames, fixture.arena);
        tokenizer.encode(
            video, 0, cache, fixture.resources.passes(), z, trace.at("tokenizer.encoder"));
        fixture.assertClose(
            "tokenizer_z",
            normalised(fixture.floats("outputs.tokenizer_z", item, batch), z.size(1)),
            normalised(fixture.values(z), z.size(1)));
        int[] ids = fixture.part("outputs.tokens", item, batch);
        if (!arguments.isGpu()) {
          JafarFixture.assertSame("tokens", ids, tokenizer.ids(z));
        }
        Tensor images = fixture.arena.empty(DType.F32, video.shape().extents());
        FrameCache decoded = tokenizer.newDecoderCache(frames, fixture.arena);
        tokenizer.decode(
            fixture.moved(tokenizer.codes(ids)),
            0,
            decoded,
            fixture.resources.passes(),
            images,
            trace.at("tokenizer.decoder"));
        fixture.assertClose(
            "reconstruction",
            fixture.floats("outputs.reconstruction", item, batch),
            fixture.values(images));
        assertBlocks(fixture, trace, item, batch, "tokenizer.", 2);
      }
    }
  }

  private static float[] normalised(float[] rows, int dim) {
    float[] out = rows.clone();
    for (int from = 0; from < out.length; from += dim) {
      double squares = 0;
      for (int i = from; i < from + dim; i++) {
        squares += (double) out[i] * out[i];
      }
      for (int i = from; i < from + dim; i++) {
        out[i] /= (float) Math.sqrt(squares);
      }
    }
    return out;
  }

  /** Compares the inputs and outputs of all blocks that the fixture has under a prefix. */
  private static void assertBlocks(
      JafarFixture fixture,
      ActivationTrace trace,
      int item,
      int batch,
      String prefix,
      int transformers) {
    int compared = 0;
    for (String name : fixture.golden.names()) {
      String tap = name.replaceFirst("^outputs\\.", "");
      if (name.startsWith("outputs." + prefix) && tap.matches(".*\\.(in|block\\d+)")) {
        fixture.assertClose(name, fixture.floats(name, item, batch), trace.values().get(tap));
        compared++;
      }
    }
    assertTrue(compared >= 2 * transformers, "compared " + compared);
  }

  /** The latent action model, of which only the codes are played with. */
  @ParameterizedTest
  @MethodSource("networks")
  void latentActions(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      int batch = fixture.golden.tensor("inputs.video").size(0);
      for (int item = 0; item < batch; item++) {
        Tensor video = fixture.moved(fixture.golden.tensor("inputs.video").row(item));
        int frames = video.size(0);
        int dim = fixture.config.codeDim();
        Tensor x = withActionToken(fixture, video);
        int tokens = fixture.lamTokens() + 1;
        Tensor out = fixture.arena.empty(DType.F32, (long) frames * tokens, dim);
        FrameCache cache = fixture.latentActionEncoder.newCache(frames, fixture.arena);
        try (Workspace.Frame frame = fixture.resources.passes().frame()) {
          fixture.latentActionEncoder.forward(x, 0, cache, Activation.NONE, frame, out, Trace.NONE);
        }
        float[] all = fixture.values(out);
        float[] z = new float[(frames - 1) * dim];
        for (int f = 1; f < frames; f++) {
          System.arraycopy(all, f * tokens * dim, z, (f - 1) * dim, dim);
        }
        fixture.assertClose(
            "lam_z",
            normalised(fixture.floats("outputs.lam_z", item, batch), dim),
            normalised(z, dim));
        if (!arguments.isGpu()) {
          JafarFixture.assertSame(
              "lam_indices",
              fixture.part("outputs.lam_indices", item, batch),
              fixture.latentActions.nearest(z));
        }
      }
    }
  }

  /** The patches of frames with a learned token in front of those of each. */
  private static Tensor withActionToken(JafarFixture fixture, Tensor video) {
    int patch = fixture.config.latentActions().patch();
    int values = 3 * patch * patch;
    int frames = video.size(0);
    int tokens = fixture.lamTokens();
    Tensor patches = fixture.arena.empty(DType.F32, (long) frames * tokens, values);
    fixture
        .backend
        .kernel(Patchify.class)
        .run(video, patch, PatchOrder.CHANNEL_FASTEST, 0, patches);
    float[] cut = fixture.values(patches);
    float[] out = new float[frames * (tokens + 1) * values];
    for (int f = 0; f < frames; f++) {
      int to = f * (tokens + 1) * values;
      System.arraycopy(fixture.actionIn.toFloats(), 0, out, to, values);
      System.arraycopy(cut, f * tokens * values, out, to + values, tokens * values);
    }
    Tensor host = Golden.host(out, (long) frames * (tokens + 1), values);
    DType activations = fixture.backend.computeTypes().transformer();
    return Golden.moved(fixture.backend, fixture.arena, activations, host);
  }

  /** Logits of all frames at once, nothing masked; and every block on the way. */
  @ParameterizedTest
  @MethodSource("networks")
  void dynamics(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      JafarDynamics dynamics = fixture.networks.dynamics();
      int batch = fixture.golden.tensor("inputs.video").size(0);
      for (int item = 0; item < batch; item++) {
        int[] ids = fixture.part("outputs.tokens", item, batch);
        int frames = ids.length / fixture.tokens;
        int[] led = ledBy(fixture.part("inputs.actions", item, batch), frames);
        ActivationTrace trace = new ActivationTrace(fixture.backend);
        Tensor logits = fixture.arena.empty(DType.F32, ids.length, fixture.config.codes());
        FrameCache cache = dynamics.newCache(fixture.arena);
        dynamics.forward(
            fixture.ids(ids),
            fixture.moved(dynamics.codes(led)),
            0,
            cache,
            fixture.resources.passes(),
            logits,
            trace);
        fixture.assertClose(
            "dynamics_logits",
            fixture.floats("outputs.dynamics_logits", item, batch),
            fixture.values(logits));
        assertBlocks(fixture, trace, item, batch, "dynamics.", 1);
        assertFrameByFrame(fixture, ids, led, logits);
      }
    }
  }

  /** The actions that led to some frames; to the first one none did. */
  private static int[] ledBy(int[] actions, int frames) {
    int[] led = new int[frames];
    System.arraycopy(actions, 0, led, 1, frames - 1);
    return led;
  }

  /** Frame by frame, with the keys and values of those before, gives the same logits. */
  private static void assertFrameByFrame(
      JafarFixture fixture, int[] ids, int[] led, Tensor together) {
    JafarDynamics dynamics = fixture.networks.dynamics();
    int count = fixture.tokens;
    FrameCache cache = dynamics.newCache(fixture.arena);
    Tensor logits = fixture.arena.empty(DType.F32, count, fixture.config.codes());
    for (int f = 0; f < led.length; f++) {
      dynamics.forward(
          fixture.ids(Arrays.copyOfRange(ids, f * count, (f + 1) * count)),
          fixture.moved(dynamics.codes(new int[] {led[f]})),
          f,
          cache,
          fixture.resources.passes(),
          logits,
          Trace.NONE);
      fixture.assertClose(
          "frame " + f,
          fixture.values(together.slice((long) f * count, (long) (f + 1) * count)),
          fixture.values(logits));
    }
  }

  /**
   * One new frame: the logits of its first step, tokens and masks of every step, and its pixels.
   */
  @ParameterizedTest
  @MethodSource("networks")
  void oneFrame(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      int batch = fixture.golden.tensor("inputs.video").size(0);
      for (String run : List.of("argmax", "sampled")) {
        for (int item = 0; item < batch; item++) {
          int[] actions = fixture.part("inputs.actions", item, batch);
          Tensor video = fixture.golden.tensor("inputs.video").row(item);
          Tensor gumbel = fixture.golden.tensor("inputs.gumbel");
          int chosen = item;
          TokenDraws draws = draws((_, step) -> gumbel.row(step).row(chosen));
          JafarStart start = encoded(fixture, video);
          if (arguments.isGpu()) {
            // Of two codes that are nearly as near a GPU may take the other one.
            replaceIds(fixture, start, fixture.part("outputs.tokens", item, batch));
          }
          JafarGenerator generator = begun(fixture, run, draws, false, start, actions);
          String prefix = "outputs." + run + ".";
          int steps = generator.steps();
          ActivationTrace trace = new ActivationTrace(fixture.backend);
          generator.generate(
              0,
              actions[actions.length - 1],
              listener(fixture, generator, prefix, item, batch),
              trace);
          assertFirstLogits(
              fixture,
              run,
              fixture.floats(prefix + "step0_logits_over_temp", item, batch),
              trace.values().get("step0.logits"));
          assertEquals(steps, fixture.golden.tensor(prefix + "step_tokens").size(0));
          int[] wanted = fixture.part(prefix + "tokens", item, batch);
          if (!arguments.isGpu()) {
            JafarFixture.assertSame(run + " tokens", wanted, generator.tokens().ids());
          }
          if (fixture.golden.has(prefix + "frame")) {
            assertDecodes(
                fixture, wanted, fixture.floats(prefix + "frame", item, batch), prefix, null);
          }
        }
      }
    }
  }

  /** Compares tokens and masks after each step. */
  private static StepListener listener(
      JafarFixture fixture, JafarGenerator generator, String prefix, int item, int batch) {
    int steps = fixture.golden.tensor(prefix + "step_tokens").size(0);
    return (step, all) -> {
      if (step == 0 || fixture.arguments.isGpu()) {
        return;
      }
      int part = (step - 1) * batch + item;
      assertStep(fixture, generator, prefix, part, steps * batch);
    };
  }

  private static void assertStep(
      JafarFixture fixture, JafarGenerator generator, String prefix, int part, int parts) {
    String what = prefix + " " + part;
    int[] masks = fixture.golden.unsignedBytes(prefix + "step_mask");
    int[] wanted = fixture.part(prefix + "step_tokens", part, parts);
    int[] found = generator.tokens().ids();
    for (int token = 0; token < found.length; token++) {
      boolean masked = masks[part * found.length + token] == 1;
      assertEquals(masked, generator.tokens().isMasked(token), what + ", mask of " + token);
    }
    JafarFixture.assertSame(what, wanted, found);
  }

  private static void assertFirstLogits(
      JafarFixture fixture, String run, float[] expected, float[] logits) {
    float temperature = schedule(fixture, run).temperature(0);
    float[] scaled = logits.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] /= temperature;
    }
    fixture.assertClose(run + " logits of step 0", expected, scaled);
  }

  /**
   * Decodes a frame alone.
   *
   * @param bytes those of the reference, which may differ by one where a float is nearly an
   *     integer, and are not compared where floats are less exact; null for none
   */
  private static void assertDecodes(
      JafarFixture fixture, int[] ids, float[] expected, String what, int[] bytes) {
    JafarTokenizer tokenizer = fixture.networks.tokenizer();
    JafarConfig config = fixture.config;
    Tensor image = fixture.arena.empty(DType.F32, 1, config.height(), config.width(), 3);
    tokenizer.decode(
        fixture.moved(tokenizer.codes(ids)),
        0,
        tokenizer.newDecoderCache(1, fixture.arena),
        fixture.resources.passes(),
        image,
        Trace.NONE);
    float[] values = fixture.values(image);
    fixture.assertClose(what + " frame", expected, values);
    if (bytes != null) {
      Tensor u8 = fixture.arena.empty(DType.U8, image.shape().extents());
      fixture.backend.kernel(FramesToBytes.class).run(image, PixelRange.UNIT, u8);
      byte[] found = new byte[Math.toIntExact(u8.elements())];
      fixture.backend.copy(u8, Tensor.host(DType.U8, u8.shape(), MemorySegment.ofArray(found)));
      fixture.backend.synchronize();
      for (int i = 0; i < found.length; i++) {
        String which = what + ", byte " + i;
        assertEquals((int) (values[i] * 255), found[i] & 0xff, which + ", of its value");
        if (!fixture.arguments.isGpu()) {
          assertEquals(bytes[i], found[i] & 0xff, 1.0, which);
        }
      }
    }
  }

  /** Four frames in a row, both ways to go on from a frame. */
  @ParameterizedTest
  @MethodSource("rollouts")
  void rollouts(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      for (String kept : List.of("retokenise", "carry")) {
        for (String run : List.of("argmax", "sampled")) {
          assertRollout(fixture, kept, run);
        }
      }
    }
  }

  private static void assertRollout(JafarFixture fixture, String kept, String run) {
    String prefix = "outputs." + kept + "." + run + ".";
    int[] actions = fixture.golden.integers("inputs.actions");
    Tensor gumbel = fixture.golden.tensor("inputs.gumbel");
    TokenDraws draws = draws((frame, step) -> gumbel.row((int) frame).row(step).row(0));
    Tensor video = fixture.golden.tensor("inputs.video").row(0);
    JafarGenerator generator =
        begun(fixture, run, draws, kept.equals("retokenise"), encoded(fixture, video), actions);
    int context = video.size(0);
    int frames = fixture.golden.tensor("inputs.gumbel").size(0);
    int steps = generator.steps();
    for (int f = 0; f < frames; f++) {
      int[] wanted = fixture.part(prefix + "tokens", f, frames);
      assertDecodes(
          fixture,
          wanted,
          fixture.floats(prefix + "frames", f, frames),
          prefix + f,
          bytes(fixture, prefix + "frames_u8", f, frames));
      if (fixture.arguments.isGpu()) {
        // Other tokens may be picked where logits are less exact, and all that follows differs.
        continue;
      }
      if (f == frames - 1) {
        JafarFixture.assertSame(
            prefix + "context",
            fixture.golden.integers(prefix + "context_tokens"),
            generator.context().from(0));
      }
      int first = f * steps;
      StepListener listener =
          (step, all) -> {
            if (step > 0) {
              assertStep(fixture, generator, prefix, first + step - 1, frames * steps);
            }
          };
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      generator.generate(f, actions[context - 1 + f], listener, trace);
      assertFirstLogits(
          fixture,
          run,
          fixture.floats(prefix + "step0_logits_over_temp", f, frames),
          trace.values().get("step0.logits"));
      JafarFixture.assertSame(prefix + f, wanted, generator.tokens().ids());
    }
  }

  private static int[] bytes(JafarFixture fixture, String name, int frame, int frames) {
    int[] all = fixture.golden.unsignedBytes(name);
    int length = all.length / frames;
    return Arrays.copyOfRange(all, frame * length, (frame + 1) * length);
  }

  private static JafarGenerator begun(
      JafarFixture fixture,
      String run,
      TokenDraws draws,
      boolean retokenise,
      JafarStart start,
      int[] actions) {
    JafarConfig config = fixture.config.withRetokenise(retokenise);
    MaskedSampler sampler =
        new MaskedSampler(
            schedule(fixture, run), Confidence.PROBABILITY_AND_KNOWN, 1, config.codes());
    JafarGenerator generator =
        new JafarGenerator(
            config,
            fixture.networks,
            new JafarGenerator.Sampling(sampler, draws),
            fixture.resources);
    generator.begin(start, Arrays.copyOf(actions, start.frames() - 1));
    return generator;
  }

  private static JafarStart encoded(JafarFixture fixture, Tensor video) {
    JafarStart start = new JafarStart(fixture.config, fixture.arena);
    List<Tensor> images = new ArrayList<>();
    for (int i = 0; i < video.size(0); i++) {
      images.add(video.row(i));
    }
    StartResources encoding =
        new StartResources(
            fixture.backend, null, fixture.backend.newArena(), fixture.resources.passes());
    try (encoding) {
      start.encode(images, fixture.networks.tokenizer(), encoding, Progress.NONE);
    }
    return start;
  }

  private static void replaceIds(JafarFixture fixture, JafarStart start, int[] ids) {
    SessionState encoded = SessionState.capture(fixture.backend, start);
    Map<String, Tensor> replaced = new LinkedHashMap<>(encoded.tensors());
    Shape shape = replaced.get("ids").shape();
    replaced.put("ids", Tensor.host(DType.I32, shape, MemorySegment.ofArray(ids)));
    SessionState.stored(replaced).restore(fixture.backend, start);
  }

  private static MaskSchedule schedule(JafarFixture fixture, String run) {
    JafarConfig.Sampling sampling = fixture.config.sampling();
    return new RampedCosineSchedule(
        sampling.steps(), sampling.temperature(), run.equals("sampled"));
  }

  /** Where recorded Gumbel noise lies. */
  private interface Recorded {
    /** {@code [tokens, codes]}. */
    Tensor of(long frame, int step);
  }

  private static TokenDraws draws(Recorded recorded) {
    return new TokenDraws() {
      @Override
      public void gumbel(Position at, int factor, float[] out) {
        float[] row = recorded.of(at.frame(), at.step()).row(at.token()).toFloats();
        System.arraycopy(row, 0, out, 0, out.length);
      }

      @Override
      public float priority(Position at) {
        throw new AssertionError("jafar draws no priorities");
      }
    };
  }
}
