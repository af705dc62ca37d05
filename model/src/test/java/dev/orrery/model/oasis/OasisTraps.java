package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.OtherActivationBackend;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.golden.SpoiltWeights.Change;
import dev.orrery.model.golden.SpoiltWeights.Order;
import dev.orrery.model.golden.Trap;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.SigmoidSchedule;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** Mistakes that are easily made with Oasis, made on purpose. */
public final class OasisTraps {
  private OasisTraps() {}

  /** All of them, for each fixture that can tell. */
  public static List<Trap> all() {
    List<Trap> traps = new ArrayList<>();
    simd("dit").forEach(fixture -> addTransformer(fixture, traps));
    simd("vae").forEach(fixture -> addAutoencoder(fixture, traps));
    simd("rollout").forEach(fixture -> addRollout(fixture, traps));
    return traps;
  }

  private static List<Golden.Arguments> simd(String prefix) {
    return Golden.cpuCases("oasis", prefix).stream()
        .filter(arguments -> arguments.backendName().equals("cpu"))
        .toList();
  }

  private static void addTransformer(Golden.Arguments fixture, List<Trap> traps) {
    OasisTransformerConfig config;
    try (Golden golden = fixture.golden()) {
      config = OasisTransformerConfig.read(golden.config());
    }
    int dim = config.dim();
    Weighed weighed =
        (mistake, change) ->
            traps.add(
                new Trap(
                    "transformer: " + mistake + ", " + fixture,
                    OasisComparison.LIMIT,
                    () -> transformer(fixture, fixture.backend(), Change.NONE),
                    () -> transformer(fixture, fixture.backend(), change)));
    weighed.add(
        "sine before cosine", Change.ofColumns("t_embedder\\.mlp\\.0\\.weight", halves(256)));
    weighed.add(
        "scale before shift in blocks",
        Change.ofRows(".*_adaLN_modulation\\.1\\.(weight|bias)", scaleFirst(dim)));
    weighed.add(
        "scale before shift in the head",
        Change.ofRows("final_layer\\.adaLN_modulation\\.1\\.(weight|bias)", halves(2 * dim)));
    weighed.add(
        "channels slowest in patches",
        Change.ofRows(
            "final_layer\\.linear\\.(weight|bias)", Order.channelsFirst(config.channels())));
    int headDim = config.headDim();
    weighed.add(
        "columns before rows in rotary embeddings",
        Change.ofRows("blocks\\.\\d+\\.s_attn\\.to_qkv\\.weight", queriesAndKeys(halves(headDim))));
    traps.add(
        new Trap(
            "transformer: erf for tanh, " + fixture,
            OasisComparison.LIMIT,
            () -> transformer(fixture, fixture.backend(), Change.NONE),
            () -> transformer(fixture, otherGelu(fixture, Activation.GELU_TANH), Change.NONE)));
  }

  private static void addAutoencoder(Golden.Arguments fixture, List<Trap> traps) {
    OasisVaeConfig config;
    try (Golden golden = fixture.golden()) {
      config = OasisVaeConfig.read(golden.config());
    }
    Weighed weighed =
        (mistake, change) ->
            traps.add(
                new Trap(
                    "autoencoder: " + mistake + ", " + fixture,
                    OasisComparison.LIMIT,
                    () -> decoder(fixture, fixture.backend(), Change.NONE),
                    () -> decoder(fixture, fixture.backend(), change)));
    weighed.add(
        "channels fastest in patches",
        Change.ofRows("predictor\\.(weight|bias)", Order.channelsLast(3)));
    int headDim = config.decoder().headDim();
    weighed.add(
        "columns before rows in rotary embeddings",
        Change.ofRows(
            "decoder\\.\\d+\\.attn\\.qkv\\.(weight|bias)", queriesAndKeys(turnedHalves(headDim))));
    traps.add(
        new Trap(
            "autoencoder: tanh for erf, " + fixture,
            OasisComparison.LIMIT,
            () -> decoder(fixture, fixture.backend(), Change.NONE),
            () -> decoder(fixture, otherGelu(fixture, Activation.GELU_ERF), Change.NONE)));
  }

  private static void addRollout(Golden.Arguments fixture, List<Trap> traps) {
    Trap later =
        new Trap(
            "rollout: context timestep 15, " + fixture,
            OasisRolloutGoldenTest.LIMIT,
            () -> rollout(fixture, UnaryOperator.identity(), (backend, latents) -> {}),
            () -> rollout(fixture, OasisTraps::oneTimestepLater, (backend, latents) -> {}));
    traps.add(later);
    traps.add(
        new Trap(
            "rollout: noised context, " + fixture,
            later.limit(),
            later.sound(),
            () -> rollout(fixture, UnaryOperator.identity(), OasisTraps::addNoise)));
  }

  /** Adds a mistake that is made with the weights. */
  private interface Weighed {
    void add(String mistake, Change change);
  }

  private static Backend otherGelu(Golden.Arguments fixture, Activation asked) {
    Activation computed =
        asked == Activation.GELU_TANH ? Activation.GELU_ERF : Activation.GELU_TANH;
    return new OtherActivationBackend(fixture.backend(), asked, computed);
  }

  private static Order halves(int group) {
    return Order.halvesOf(group);
  }

  /** Of shift, scale, gate, shift, scale, gate the first two and the fourth and fifth. */
  private static Order scaleFirst(int dim) {
    return (row, count) ->
        switch (row / dim % 3) {
          case 0 -> row + dim;
          case 1 -> row - dim;
          default -> row;
        };
  }

  /** The order of a head's channels in queries and keys, values staying as they are. */
  private static Order queriesAndKeys(Order ofHead) {
    return (row, count) -> row < count / 3 * 2 ? ofHead.from(row, count) : row;
  }

  /** The halves of that half of a head's channels that turns at all. */
  private static Order turnedHalves(int headDim) {
    return (row, count) -> row % headDim < headDim / 2 ? halves(headDim / 2).from(row, count) : row;
  }

  /** The error of the velocities of a window. */
  private static double transformer(Golden.Arguments fixture, Backend opened, Change change) {
    try (Golden golden = fixture.golden();
        Backend backend = opened;
        TensorArena arena = backend.newArena()) {
      SpoiltWeights weights = new SpoiltWeights(golden.weights(""), change);
      OasisFixture dit = new OasisFixture(fixture, golden, backend, arena, weights);
      OasisFixture.Item item = dit.item(0);
      Tensor velocity = dit.velocity(dit.frames);
      dit.dit.forward(
          item.latents(),
          dit.at(0, item.modulation(true, Trace.NONE)),
          dit.dit.newKvState(dit.frames, arena),
          dit.workspace,
          velocity,
          Trace.NONE);
      return Golden.relativeError(
          item.expected("v", 0, dit.frames), Golden.floats(backend, velocity));
    }
  }

  /** The error of an image that is decoded. */
  private static double decoder(Golden.Arguments fixture, Backend opened, Change change) {
    try (Golden golden = fixture.golden();
        Backend backend = opened;
        TensorArena arena = backend.newArena()) {
      OasisVaeConfig config = OasisVaeConfig.read(golden.config());
      Weights weights = Weights.of(new SpoiltWeights(golden.weights(""), change));
      OasisVae vae = new OasisVae(Parameters.ofAutoencoder(weights, backend, arena), config);
      Tensor z = golden.tensor("inputs.z");
      Tensor latent = z.row(0).reshape(config.rows(), config.columns(), config.channels());
      Tensor image = arena.empty(DType.F32, config.height(), config.width(), 3);
      vae.decode(
          Golden.moved(backend, arena, DType.F32, latent),
          Workspace.of(arena, Golden.AMPLE),
          image,
          Trace.NONE);
      float[] expected = new OasisComparison(fixture, golden, z.size(0), 0).expected("image");
      return Golden.relativeError(
          Golden.framesChannelsLast(expected, 1, 3, config.height(), config.width()).toFloats(),
          Golden.floats(backend, image));
    }
  }

  private static OasisConfig oneTimestepLater(OasisConfig c) {
    return new OasisConfig(
        c.dit(), c.vae(), c.steps(), c.contextTimestep() + 1, c.latentScale(), c.context());
  }

  /** Adds as much noise to the frames of the start as the transformer is told there is. */
  private static void addNoise(Backend backend, Tensor latents) {
    double share = new SigmoidSchedule().alphaBars()[14];
    float[] values = Golden.floats(backend, latents).clone();
    float[] noise = new float[values.length];
    NoiseSource.seeded(1).fill(0, noise);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (Math.sqrt(share) * values[i] + Math.sqrt(1 - share) * noise[i]);
    }
    backend.copy(Tensor.of(values, latents.shape().extents()), latents);
  }

  /** The error of the latents of all frames that were made. */
  private static double rollout(
      Golden.Arguments fixture,
      UnaryOperator<OasisConfig> change,
      BiConsumer<Backend, Tensor> ofStart) {
    try (Golden golden = fixture.golden();
        Backend backend = fixture.backend();
        TensorArena arena = backend.newArena()) {
      OasisRollout rollout = new OasisRollout(golden, backend, arena, change);
      SharedStart shared = Golden.start(backend, rollout::noise);
      OasisStart start = rollout.encoded(shared);
      ofStart.accept(backend, start.latents());
      SessionResources resources = shared.newResources();
      OasisGenerator generator =
          new OasisGenerator(rollout.config, rollout.networks.transformer(), start, resources);
      float[] expected = golden.floats("outputs.latents_over_scale");
      int values = expected.length / rollout.frames;
      float[] made = expected.clone();
      for (int frame = rollout.promptFrames; frame < rollout.frames; frame++) {
        GeneratedChunk chunk =
            generator.generate(
                frame - rollout.promptFrames,
                rollout.actions().get(frame),
                StepListener.NONE,
                Trace.NONE);
        System.arraycopy(rollout.unscaled(chunk.decodable()), 0, made, frame * values, values);
        chunk.completion().run();
      }
      resources.arena().close();
      shared.memory().release();
      int from = rollout.promptFrames * values;
      return Golden.relativeError(
          Arrays.copyOfRange(expected, from, expected.length),
          Arrays.copyOfRange(made, from, made.length));
    }
  }
}
