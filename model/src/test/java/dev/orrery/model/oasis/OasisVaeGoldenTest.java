package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OasisVaeGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cases("oasis", "vae");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyOutputIsThatOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      OasisVaeConfig config = OasisVaeConfig.read(golden.config());
      Weights weights = Weights.of(golden.weights(""));
      OasisVae vae = new OasisVae(Parameters.ofAutoencoder(weights, backend, arena), config);
      weights.finish();
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      int batch = golden.tensor("inputs.image").size(0);
      for (int item = 0; item < batch; item++) {
        OasisComparison comparison = new OasisComparison(arguments, golden, batch, item);
        ActivationTrace trace = new ActivationTrace(backend);
        Tensor mean = arena.empty(DType.F32, config.rows(), config.columns(), config.channels());
        Tensor logVariance = arena.empty(DType.F32, mean.shape().extents());
        vae.encode(
            Golden.moved(backend, arena, DType.F32, image(golden, config, item)),
            workspace,
            new OasisVae.Posterior(mean, logVariance),
            trace);
        compareEncoder(comparison, config, trace);
        compareMoments(
            comparison, Golden.floats(backend, mean), Golden.floats(backend, logVariance));

        Tensor latent = golden.tensor("inputs.z").row(item);
        Tensor image =
            arena.empty(backend.computeTypes().autoencoder(), config.height(), config.width(), 3);
        vae.decode(
            Golden.moved(backend, arena, DType.F32, latent.reshape(mean.shape().extents())),
            workspace,
            image,
            trace);
        compareDecoder(comparison, config, trace);
        float[] expected = comparison.expected("image");
        comparison.same(
            "image",
            Golden.framesChannelsLast(expected, 1, 3, config.height(), config.width()).toFloats(),
            Golden.floats(backend, image));
        comparison.nothingIsLeft();
      }
    }
  }

  private static Tensor image(Golden golden, OasisVaeConfig config, int item) {
    float[] values = golden.tensor("inputs.image").row(item).toFloats();
    return Golden.framesChannelsLast(values, 1, 3, config.height(), config.width()).row(0);
  }

  private static void compareEncoder(
      OasisComparison comparison, OasisVaeConfig config, ActivationTrace trace) {
    comparison.same("patch_embed", trace);
    comparison.angles("enc_angles", trace.values().get("enc_rotary"));
    compareBlocks(comparison, trace, "encoder", config.encoder().layers(), "patch_embed");
    comparison.same("enc_norm", trace);
  }

  private static void compareDecoder(
      OasisComparison comparison, OasisVaeConfig config, ActivationTrace trace) {
    comparison.same("post_quant_conv", trace);
    comparison.angles("dec_angles", trace.values().get("dec_rotary"));
    compareBlocks(comparison, trace, "decoder", config.decoder().layers(), "post_quant_conv");
    comparison.same("dec_norm", trace);
    comparison.same("predictor", trace);
  }

  private static void compareBlocks(
      OasisComparison comparison, ActivationTrace trace, String name, int layers, String first) {
    String before = first;
    for (int i = 0; i < layers; i++) {
      String block = name + i;
      comparison.added(
          block + ".attn",
          comparison.expected(block + ".attn"),
          trace.values().get(before),
          trace.values().get(block + ".after_attn"));
      comparison.same(block + ".out", trace);
      before = block + ".out";
    }
  }

  /** Moments are mean and log-variance of each token; the fixture clamps the latter besides. */
  private static void compareMoments(
      OasisComparison comparison, float[] mean, float[] logVariance) {
    comparison.same("mean", mean);
    float[] expected = comparison.expected("moments");
    int channels = comparison.channelsOf("mean");
    float[] moments = new float[expected.length];
    float[] clamped = logVariance.clone();
    for (int i = 0; i < mean.length; i++) {
      int first = i / channels * 2 * channels + i % channels;
      moments[first] = mean[i];
      moments[first + channels] = logVariance[i];
      clamped[i] = Math.clamp(logVariance[i], -30, 20);
    }
    comparison.same("moments", expected, moments);
    comparison.same("logvar", clamped);
  }
}
