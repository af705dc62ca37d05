package dev.orrery.model.jafar;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks of jafar against the reference implementation. */
class GenieJafarGoldenTest {
  static List<Golden.Arguments> networks() {
    return Golden.cases("genie", "genie");
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
}
