package dev.orrery.model.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Umt5GoldenTest {
  /** Largest relative L2 error in fp32; two orders of sums differ by some 1e-7. */
  private static final double LIMIT = 5e-6;

  /**
   * Largest relative L2 error in bf16. Scores are not scaled here and the weights are random, so
   * rounding weights and activations alone moves the output of three layers by 2.4 %, as a
   * calculation by other means confirms.
   */
  private static final double BF16_LIMIT = 0.03;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "umt5");
  }

  /** In fp32, on a GPU too, where the weights stay as they are stored beside such activations. */
  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    compare(arguments, true, LIMIT, LIMIT);
  }

  static List<Golden.Arguments> gpuCases() {
    return cases().stream().filter(Golden.Arguments::isGpu).toList();
  }

  @ParameterizedTest
  @MethodSource("gpuCases")
  void encodesIn16Bits(Golden.Arguments arguments) {
    compare(arguments, false, Golden.GPU_LIMIT, BF16_LIMIT);
  }

  private static void compare(
      Golden.Arguments arguments, boolean fp32, double blockLimit, double limit) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      T5Config config = config(golden.config());
      Weights weights = Weights.of(golden.weights(""));
      DType activations = fp32 ? DType.F32 : backend.computeTypes().transformer();
      Parameters parameters = Parameters.ofTransformer(weights, backend, arena).beside(activations);
      T5Encoder encoder = T5Encoder.ofModel(parameters, config);
      weights.finish();
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      long[] ids = golden.longs("ids");
      long[] mask = golden.longs("mask");
      float[] block = golden.floats("block0_out");
      float[] all = golden.floats("out");
      int length = golden.tensor("ids").size(1);
      for (int start = 0; start < ids.length; start += length) {
        int tokens = (int) Arrays.stream(mask, start, start + length).sum();
        int[] real = Arrays.stream(ids, start, start + tokens).mapToInt(Math::toIntExact).toArray();
        Tensor out = arena.empty(activations, tokens, config.dim());
        ActivationTrace trace = new ActivationTrace(backend);
        encoder.forward(real, workspace, out, trace);
        int from = start * config.dim();
        int to = from + tokens * config.dim();
        String what = tokens + " tokens, ";
        float[] found = trace.values().get("block0.out");
        float[] expected = Arrays.copyOfRange(block, from, to);
        Golden.assertRelative(what + "block 0", expected, found, blockLimit);
        expected = Arrays.copyOfRange(all, from, to);
        Golden.assertRelative(what + "out", expected, Golden.floats(backend, out), limit);
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
      T5Config config = config(golden.config());
      long[] distances = golden.longs("bucket.d");
      long[] buckets = golden.longs("bucket.b");
      for (int i = 0; i < distances.length; i++) {
        int distance = (int) distances[i];
        assertEquals(buckets[i], RelativeBuckets.of(distance, config), "distance " + distance);
      }
    }
  }

  private static T5Config config(JsonValue json) {
    return new T5Config(
        json.integer("vocab"),
        json.integer("d_model"),
        json.integer("num_heads"),
        json.integer("d_kv"),
        json.integer("d_ff"),
        json.integer("num_layers"),
        json.integer("num_buckets"),
        json.integer("max_distance"),
        json.number("eps"),
        false);
  }
}
