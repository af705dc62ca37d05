package dev.orrery.model.taehv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The decoder at its published size, without its weights. */
class TaehvDecoderTest {
  private final Backend backend = PlanningBackend.cpu();

  @Test
  void asksForExactlyThePublishedTensors() {
    JsonValue list =
        JsonValue.read(Path.of("src/test/resources/released/tensors.json")).get("taehv");
    Map<String, Shape> published = new TreeMap<>();
    for (String name : list.keys()) {
      if (name.startsWith("decoder.")) {
        long[] extents = Arrays.stream(list.integers(name)).asLongStream().toArray();
        published.put(name, Shape.of(extents));
      }
    }
    assertEquals(published, requested(TaehvConfig.wan21()));
  }

  /** Every MemBlock remembers one fp32 frame of its own input. */
  @Test
  void remembersOneFrameForEachBlock() {
    Weights weights = Weights.of(PlannedTensors.of(DType.F16));
    TaehvDecoder decoder =
        new TaehvDecoder(
            Parameters.ofAutoencoder(weights, backend, backend.newArena()), TaehvConfig.wan21());
    TensorArena session = backend.newArena();
    FeatureCache cache = new FeatureCache(backend, session);
    Workspace workspace = Workspace.measuring();
    TensorArena temporary = backend.newArena();
    Tensor out = temporary.empty(DType.F32, 4, 352, 640, 3);
    for (int frame = 0; frame < 2; frame++) {
      Tensor latent = temporary.empty(DType.F32, 1, 44, 80, 16);
      decoder.decode(latent, cache, workspace, out, Trace.NONE);
    }
    long pixel = Float.BYTES * 44L * 80;
    assertEquals(3 * pixel * (256 + 4 * 128 + 16 * 64), session.byteSize());
  }

  /** The first and the last convolution are all that the decoders of other latents differ in. */
  @Test
  void otherLatentsHaveOtherEnds() {
    Map<String, Shape> wan21 = requested(TaehvConfig.wan21());
    for (TaehvConfig config : List.of(TaehvConfig.wan22(), TaehvConfig.hunyuanVideo15())) {
      Map<String, Shape> expected = new TreeMap<>(wan21);
      expected.put("decoder.1.weight", Shape.of(256, config.latentChannels(), 3, 3));
      expected.put("decoder.22.weight", Shape.of(12, 64, 3, 3));
      expected.put("decoder.22.bias", Shape.of(12));
      assertEquals(expected, requested(config));
      assertEquals(16, config.spatialRatio());
    }
    assertEquals(8, TaehvConfig.wan21().spatialRatio());
  }

  private Map<String, Shape> requested(TaehvConfig config) {
    PlannedTensors asked = PlannedTensors.of(DType.F16);
    new TaehvDecoder(
        Parameters.ofAutoencoder(Weights.of(asked), backend, backend.newArena()), config);
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : asked.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    return requested;
  }

  @Test
  void refusesSizesOfNone() {
    assertRefused("16, [256, 128, 64] and 1", 16, List.of(256, 128, 64), 1);
    assertRefused("16, [256, 128, 64, 0] and 1", 16, List.of(256, 128, 64, 0), 1);
    assertRefused("0, [1, 1, 1, 1] and 1", 0, List.of(1, 1, 1, 1), 1);
    assertRefused("16, [1, 1, 1, 1] and 0", 16, List.of(1, 1, 1, 1), 0);
  }

  private static void assertRefused(String found, int channels, List<Integer> widths, int patch) {
    assertEquals(
        "taehv: expected positive latent channels, four positive widths and a positive patch, found "
            + found,
        assertThrows(IllegalArgumentException.class, () -> new TaehvConfig(channels, widths, patch))
            .getMessage());
  }
}
