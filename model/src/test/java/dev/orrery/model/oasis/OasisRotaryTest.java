package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OasisRotaryTest {
  static List<Golden.Arguments> cases() {
    return Golden.cpuCases("oasis", "dit").stream()
        .filter(it -> it.backendName().equals("cpu"))
        .toList();
  }

  /** Spatial frequencies to the bit: they are multiplied with positions up to 402 times. */
  @ParameterizedTest
  @MethodSource("cases")
  void formulasGiveWhatTheReferenceStores(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      float[] spatial = golden.floats("weights.spatial_rotary_emb.freqs");
      assertArrayEquals(spatial, OasisRotary.pixelFrequencies(256, spatial.length));
      float[] temporal = golden.floats("weights.temporal_rotary_emb.freqs");
      float[] formula = OasisRotary.languageFrequencies(temporal.length);
      for (int i = 0; i < temporal.length; i++) {
        assertEquals(temporal[i], formula[i], Math.ulp(temporal[i]), "frequency " + i);
      }
    }
  }

  /** A file's own frequencies are used, whichever of their names it has. */
  @ParameterizedTest
  @MethodSource("cases")
  void storedFrequenciesCount(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      OasisTransformerConfig config = OasisTransformerConfig.read(golden.config());
      int pairs = config.headDim() / 2;
      for (String name :
          List.of(
              "temporal_rotary_emb.freqs",
              "blocks." + (config.layers() - 1) + ".t_attn.rotary_emb.freqs")) {
        float[] halves = new float[pairs];
        Arrays.fill(halves, 0.5f);
        Map<String, Tensor> tensors = withoutFrequencies(golden);
        tensors.put(name, Tensor.of(halves, pairs));
        float[] table = temporalRotary(config, tensors);
        for (int i = 0; i < pairs; i++) {
          assertEquals((float) Math.cos(3 * 0.5), table[2 * i], name);
          assertEquals((float) Math.sin(3 * 0.5), table[2 * i + 1], name);
        }
      }
      float[] formula = temporalRotary(config, withoutFrequencies(golden));
      assertEquals((float) Math.cos(3), formula[0]);
    }
  }

  private static Map<String, Tensor> withoutFrequencies(Golden golden) {
    Map<String, Tensor> tensors = new TreeMap<>();
    for (String name : golden.weights("").names()) {
      if (!name.endsWith(".freqs")) {
        tensors.put(name, golden.tensor("weights." + name));
      }
    }
    return tensors;
  }

  private static float[] temporalRotary(
      OasisTransformerConfig config, Map<String, Tensor> tensors) {
    try (Backend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(new MemoryTensors(tensors));
      OasisTransformer dit =
          new OasisTransformer(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      return dit.temporalRotary(3, 1);
    }
  }
}
