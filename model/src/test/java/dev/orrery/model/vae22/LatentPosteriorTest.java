package dev.orrery.model.vae22;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LatentPosteriorTest {
  private static final Vae22Config ONE_CHANNEL =
      new Vae22Config(
          1,
          1,
          1,
          List.of(1, 2, 4, 4),
          2,
          List.of(false, true, true),
          new float[] {1},
          new float[] {0.5f});

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "rollout");
  }

  /** From the first image and the posterior's noise of a session to its first latent frame. */
  @ParameterizedTest
  @MethodSource("cases")
  void pictureBecomesTheFirstLatent(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Vae22Config config = Vae22Fixture.config(golden.config().get("vae"));
      Weights weights = Weights.of(golden.weights("vae."));
      Parameters parameters = Parameters.ofAutoencoder(weights, backend, arena);
      Vae22Encoder encoder = new Vae22Encoder(parameters, config);
      Shape stored = golden.shape("i2v.first_image");
      Tensor picture =
          Golden.channelsLast(
              golden.floats("i2v.first_image"),
              Shape.of(1, stored.extent(0), 1, stored.extent(1), stored.extent(2)));
      Tensor noise = golden.channelsLast("i2v.posterior_eps");
      int z = config.latentChannels();
      Tensor moments = arena.empty(DType.F32, 1, noise.size(1), noise.size(2), 2L * z);
      encoder.encode(
          Golden.moved(backend, arena, backend.computeTypes().autoencoder(), picture),
          new FeatureCache(backend, arena),
          Workspace.of(arena, Golden.AMPLE),
          moments,
          Trace.NONE);
      float[] found =
          LatentPosterior.sample(Golden.floats(backend, moments), noise.toFloats(), config);
      float[] want = golden.channelsLast("i2v.image_latent").toFloats();
      Vae22Fixture.assertClose(arguments, "latent of the image", want, found);
    }
  }

  @Test
  void logarithmsAreClamped() {
    double smallest = Math.exp(-15);
    double largest = Math.exp(10);
    float[] expected = {(float) ((3 + smallest - 1) / 0.5), (float) ((4 + 2 * largest - 1) / 0.5)};
    float[] moments = {3, -100, 4, 100};
    assertArrayEquals(expected, LatentPosterior.sample(moments, new float[] {1, 2}, ONE_CHANNEL));
  }

  @Test
  void refusesNoiseOfAnotherSize() {
    assertEquals(
        "moments: expected two for each of 3 values of noise in pixels of 1 channels, found 4",
        assertThrows(
                IllegalArgumentException.class,
                () -> LatentPosterior.sample(new float[4], new float[3], ONE_CHANNEL))
            .getMessage());
  }
}
