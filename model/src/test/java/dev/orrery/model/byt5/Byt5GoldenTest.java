package dev.orrery.model.byt5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.t5.RelativeBuckets;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The glyph encoder, whose rows behind the end token need not be computed. */
class Byt5GoldenTest {
  /** Largest relative L2 error in fp32. */
  static final double LIMIT = 5e-6;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay-hy8b-encoders", "byt5");
  }

  /** In fp32 on a GPU too, as it runs there. */
  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      T5Config config = T5Config.of(golden.config(), true);
      Weights weights = Weights.of(golden.weights(""));
      weights.ignore("byt5_in", "it is part of the transformer");
      Parameters p = Parameters.ofTransformer(weights, backend, arena).beside(DType.F32);
      T5Encoder encoder = T5Encoder.ofEncoder(p, config);
      weights.finish();
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      long[] ids = golden.longs("inputs.input_ids");
      long[] mask = golden.longs("inputs.attention_mask");
      int length = golden.tensor("inputs.input_ids").size(1);
      for (int start = 0; start < ids.length; start += length) {
        int tokens = (int) Arrays.stream(mask, start, start + length).sum();
        if (tokens == 0) {
          continue;
        }
        int[] real = Arrays.stream(ids, start, start + tokens).mapToInt(Math::toIntExact).toArray();
        Tensor out = arena.empty(DType.F32, tokens, config.dim());
        ActivationTrace trace = new ActivationTrace(backend);
        encoder.forward(real, workspace, out, trace);
        Map<String, float[]> taps = trace.values();
        float[] embedded = taps.get("embedded");
        Map<String, float[]> found = new LinkedHashMap<>();
        found.put("embed", embedded);
        found.put("block0.attn", Golden.difference(taps.get("block0.after_attn"), embedded));
        found.put("block0.out", taps.get("block0.out"));
        found.put("last_hidden_state", taps.get("out"));
        int from = start * config.dim();
        found.forEach(
            (name, values) -> {
              float[] all = golden.floats("outputs." + name);
              float[] expected = Arrays.copyOfRange(all, from, from + values.length);
              Golden.assertRelative(tokens + " tokens, " + name, expected, values, LIMIT);
            });
      }
    }
  }

  static List<Golden.Arguments> files() {
    return cases().stream().filter(arguments -> arguments.backendName().equals("cpu")).toList();
  }

  @ParameterizedTest
  @MethodSource("files")
  void bucketsOfAllDistances(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      T5Config config = T5Config.of(golden.config(), true);
      int[] buckets = golden.integers("outputs.buckets");
      int length = golden.tensor("outputs.buckets").size(1);
      for (int i = 0; i < buckets.length; i++) {
        int distance = i % length - i / length;
        assertEquals(buckets[i], RelativeBuckets.of(distance, config), "distance " + distance);
      }
    }
  }
}
