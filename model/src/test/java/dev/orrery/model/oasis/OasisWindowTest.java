package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.oasis.OasisConfig.Context;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Many frames, far beyond the end of the window. */
class OasisWindowTest {
  private static final int FRAMES = 40;

  /** Longer than the window of the fixture, and than both starts. */
  private static final int WINDOW = 8;

  private static final double LIMIT = 1e-5;
  private static final int DRIFT_FRAMES = 100;
  private static final int DRIFT_GROUP = 20;

  /** Sums of another order are fed back a hundred times. */
  private static final double DRIFT_TOLERANCE = 0.2;

  static Stream<Arguments> cases() {
    return Golden.cpuCases("oasis", "rollout").stream()
        .flatMap(fixture -> Stream.of(1, 5).map(frames -> Arguments.of(fixture, frames)));
  }

  private static OasisConfig windowed(OasisConfig config) {
    OasisTransformerConfig d = config.dit();
    OasisTransformerConfig longer =
        new OasisTransformerConfig(
            d.rows(),
            d.columns(),
            d.channels(),
            d.patch(),
            d.dim(),
            d.heads(),
            d.layers(),
            d.hidden(),
            d.actionDim(),
            WINDOW);
    return new OasisConfig(
        longer,
        config.vae(),
        config.steps(),
        config.contextTimestep(),
        config.latentScale(),
        Context.EXACT);
  }

  private static OasisConfig ring(OasisConfig config) {
    return new OasisConfig(
        config.dit(),
        config.vae(),
        config.steps(),
        config.contextTimestep(),
        config.latentScale(),
        Context.RING);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void exactIsWhatIsComputedWithoutCaches(Golden.Arguments fixture, int promptFrames) {
    try (Golden golden = fixture.golden();
        Backend backend = fixture.backend();
        TensorArena arena = backend.newArena()) {
      OasisRollout model = new OasisRollout(golden, backend, arena, OasisWindowTest::windowed);
      OasisPlay play = new OasisPlay(backend, model.networks, promptFrames);
      List<float[]> expected = new ArrayList<>();
      play.playNaively(model.config, FRAMES, (frame, latent) -> expected.add(latent));
      play.play(
          model.config,
          FRAMES,
          (frame, latent) ->
              Golden.assertRelative("frame " + frame, expected.get(frame), latent, LIMIT));
    }
  }

  /** Nothing that is remembered is approximate until the first frame has left the window. */
  @ParameterizedTest
  @MethodSource("cases")
  void ringIsExactUntilTheWindowSlides(Golden.Arguments fixture, int promptFrames) {
    try (Golden golden = fixture.golden();
        Backend backend = fixture.backend();
        TensorArena arena = backend.newArena()) {
      OasisRollout model = new OasisRollout(golden, backend, arena, OasisWindowTest::windowed);
      OasisPlay play = new OasisPlay(backend, model.networks, promptFrames);
      List<float[]> exact = new ArrayList<>();
      play.play(model.config, FRAMES, (frame, latent) -> exact.add(latent));
      play.play(
          ring(model.config),
          FRAMES,
          (frame, latent) -> {
            String what = "frame " + frame;
            if (promptFrames + frame < WINDOW) {
              assertArrayEquals(exact.get(frame), latent, what);
            } else {
              double error = Golden.relativeError(exact.get(frame), latent);
              assertTrue(error > 10 * LIMIT, what + ": " + error);
            }
          });
    }
  }

  /** How far apart the two drift, with random weights of the size {@code small}. */
  @Test
  @Tag("slow")
  void driftOfTheRing() throws IOException {
    OasisConfig config;
    try (InputStream in =
        Oasis.FAMILY.syntheticFiles(SyntheticScale.SMALL).get(OasisConfig.FILE).openStream()) {
      config = OasisConfig.read(JsonValue.parse(OasisConfig.FILE, in.readAllBytes()));
    }
    try (Backend backend = CpuBackend.simd(2);
        TensorArena arena = backend.newArena()) {
      OasisNetworks networks =
          new OasisNetworks(
              random(1, w -> transformer(w, backend, arena, config)),
              random(2, w -> autoencoder(w, backend, arena, config)));
      OasisPlay play = new OasisPlay(backend, networks, 1);
      List<float[]> exact = new ArrayList<>();
      List<float[]> approximate = new ArrayList<>();
      play.play(config, DRIFT_FRAMES, (frame, latent) -> exact.add(latent));
      play.play(ring(config), DRIFT_FRAMES, (frame, latent) -> approximate.add(latent));
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("Frames", "relative L2 distance of the latents"));
      for (int from = 0; from < DRIFT_FRAMES; from += DRIFT_GROUP) {
        int to = from + DRIFT_GROUP;
        double error = Golden.relativeError(joined(exact, from, to), joined(approximate, from, to));
        String percent = String.format(Locale.ROOT, "%.2f %%", 100 * error);
        rows.add(List.of(from + " to " + (to - 1), percent));
      }
      assertEquals(DRIFT_FRAMES, approximate.size());
      OasisPageTest.page(DRIFT_TOLERANCE).check("drift of the ring", rows);
    }
  }

  private static OasisTransformer transformer(
      Weights weights, Backend backend, TensorArena arena, OasisConfig config) {
    return new OasisTransformer(Parameters.ofTransformer(weights, backend, arena), config.dit());
  }

  private static OasisVae autoencoder(
      Weights weights, Backend backend, TensorArena arena, OasisConfig config) {
    return new OasisVae(Parameters.ofAutoencoder(weights, backend, arena), config.vae());
  }

  /** A network with random weights. */
  private static <N> N random(long seed, Function<Weights, N> network) {
    PlannedTensors asked = PlannedTensors.of(DType.F32);
    network.apply(Weights.of(asked));
    return network.apply(Weights.of(new MemoryTensors(RandomWeights.of(asked, seed))));
  }

  private static float[] joined(List<float[]> frames, int from, int to) {
    int length = frames.getFirst().length;
    float[] out = new float[(to - from) * length];
    for (int i = from; i < to; i++) {
      System.arraycopy(frames.get(i), 0, out, (i - from) * length, length);
    }
    return out;
  }
}
