package dev.orrery.model.klvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NormalPosterior;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures to latents and back against the reference implementation. */
class Vid2WorldAutoencoderGoldenTest {
  private static final double LIMIT = 1e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("vid2world", "autoencoder");
  }

  static List<Golden.Arguments> rollouts() {
    return Golden.cpuCases("vid2world", "rollout");
  }

  /** Both networks of a fixture on a backend. */
  private static final class Fixture implements AutoCloseable {
    final Golden.Arguments arguments;
    final Golden golden;
    final Backend backend;
    final TensorArena arena;
    final KlVaeConfig config;
    final KlVaeEncoder encoder;
    final KlVaeDecoder decoder;
    final Workspace workspace;

    Fixture(Golden.Arguments arguments, String prefix) {
      this.arguments = arguments;
      golden = arguments.golden();
      backend = arguments.backend();
      arena = backend.newArena();
      config = config(golden.config());
      Weights weights = Weights.of(golden.weights(prefix));
      Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
      encoder = new KlVaeEncoder(parameters, config);
      decoder = new KlVaeDecoder(parameters, config);
      weights.finish();
      workspace = Workspace.of(arena, Golden.AMPLE);
    }

    /** A rollout calls the sizes of its autoencoder by other names. */
    private static KlVaeConfig config(JsonValue json) {
      if (!json.has("ae_ch")) {
        return KlVaeConfig.read(json);
      }
      List<Integer> multipliers =
          Arrays.stream(json.integers("ae_mult", new int[0])).boxed().toList();
      return new KlVaeConfig(
          json.integer("ae_ch"),
          multipliers,
          json.integer("ae_res_blocks"),
          KlVaeConfig.released().latentChannels(),
          json.number("scale_factor"));
    }

    void assertClose(String name, float[] wanted, float[] found) {
      Golden.assertRelative(name, wanted, found, arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT);
    }

    /** {@code [N, y, x, 2C]} of pictures {@code [N, Y, X, 3]}. */
    float[] moments(Tensor pictures) {
      DType type = backend.computeTypes().autoencoder();
      Tensor pixels = Golden.moved(backend, arena, type, pictures);
      int ratio = config.ratio();
      Tensor moments =
          arena.empty(
              DType.F32,
              pictures.size(0),
              pictures.size(1) / ratio,
              pictures.size(2) / ratio,
              2L * config.latentChannels());
      encoder.encode(pixels, workspace, moments, Trace.NONE);
      return Golden.floats(backend, moments);
    }

    /** Latents {@code [N, y, x, C]} of moments of as many. */
    float[] latents(float[] moments, float[] noise) {
      float[] mean = new float[config.latentChannels()];
      float[] std = new float[config.latentChannels()];
      Arrays.fill(std, (float) (1 / config.scale()));
      return NormalPosterior.sample(moments, noise, mean, std);
    }

    /** Pictures {@code [N, Y, X, 3]} of scaled latents {@code [N, y, x, C]}. */
    float[] decode(Tensor latents) {
      int ratio = config.ratio();
      Tensor pixels =
          arena.empty(
              backend.computeTypes().autoencoder(),
              latents.size(0),
              (long) ratio * latents.size(1),
              (long) ratio * latents.size(2),
              3);
      Tensor moved = Golden.moved(backend, arena, DType.F32, latents);
      decoder.decode(moved, workspace, pixels, Trace.NONE);
      return Golden.floats(backend, pixels);
    }

    @Override
    public void close() {
      arena.close();
      backend.close();
      golden.close();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void momentsOfPictures(Golden.Arguments arguments) {
    try (Fixture fixture = new Fixture(arguments, "")) {
      float[] found = fixture.moments(pictures(fixture.golden, "inputs.image"));
      fixture.assertClose("moments", pictures(fixture.golden, "outputs.moments").toFloats(), found);
      int channels = fixture.config.latentChannels();
      float[] means = new float[found.length / 2];
      for (int i = 0; i < means.length; i++) {
        double mean = found[i / channels * 2 * channels + i % channels];
        means[i] = (float) (mean / (float) (1 / fixture.config.scale()));
      }
      assertArrayEquals(means, fixture.latents(found, new float[means.length]), "without noise");
    }
  }

  /** The fixture decodes latents that are not scaled. */
  @ParameterizedTest
  @MethodSource("cases")
  void picturesOfLatents(Golden.Arguments arguments) {
    try (Fixture fixture = new Fixture(arguments, "")) {
      Tensor latents = pictures(fixture.golden, "inputs.z");
      float[] scaled = latents.toFloats();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = (float) (scaled[i] * fixture.config.scale());
      }
      float[] found = fixture.decode(Golden.host(scaled, latents.shape().extents()));
      fixture.assertClose("image", pictures(fixture.golden, "outputs.image").toFloats(), found);
    }
  }

  /** Bytes to latents with the reference's draws, and the first latent back to a picture. */
  @ParameterizedTest
  @MethodSource("rollouts")
  void framesOfARollout(Golden.Arguments arguments) {
    try (Fixture fixture = new Fixture(arguments, "first_stage_model.")) {
      Golden golden = fixture.golden;
      Shape shape = golden.shape("inputs.frames_u8");
      int[] bytes = golden.unsignedBytes("inputs.frames_u8");
      float[] values = new float[bytes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (bytes[i] / 255f - 0.5f) * 2;
      }
      float[] moments = fixture.moments(Golden.host(values, shape.extents()));
      // Draws are those of a batch of frames, latents those of a video.
      Tensor draws = golden.tensor("inputs.posterior_noise").row(0);
      Tensor noise =
          Golden.framesChannelsLast(
              draws.toFloats(), draws.size(0), draws.size(1), draws.size(2), draws.size(3));
      Tensor video = golden.tensor("outputs.z").row(0);
      Tensor wanted =
          Golden.channelsLast(
              video.toFloats(),
              Shape.of(1, video.size(0), video.size(1), video.size(2), video.size(3)));
      float[] history = wanted.slice(0, shape.extent(0)).toFloats();
      float[] drawn = noise.slice(0, shape.extent(0)).toFloats();
      fixture.assertClose("z", history, fixture.latents(moments, drawn));
      float[] first = pictures(golden, "outputs.recon0").row(0).toFloats();
      fixture.assertClose("recon0", first, fixture.decode(wanted.slice(0, 1)));
      fixture.assertClose(
          "frames",
          pictures(golden, "outputs.frames").toFloats(),
          fixture.decode(pictures(golden, "outputs.latents")));
    }
  }

  /** A tensor {@code [N, C, Y, X]} of a fixture as {@code [N, Y, X, C]}. */
  private static Tensor pictures(Golden golden, String name) {
    Tensor stored = golden.tensor(name);
    return Golden.framesChannelsLast(
        stored.toFloats(), stored.size(0), stored.size(1), stored.size(2), stored.size(3));
  }
}
