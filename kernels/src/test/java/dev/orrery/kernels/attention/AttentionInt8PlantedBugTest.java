package dev.orrery.kernels.attention;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mistakes planted in what {@link AttentionInt8} does not share with {@link Attention}: those of
 * order and bounds are reported, those of scales and signs miss the limits of its tests.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class AttentionInt8PlantedBugTest {
  private static PlantedBug hopper(String found, String replacement, String report) {
    return new PlantedBug("AttentionInt8Hopper", found, replacement, report);
  }

  private static PlantedBug portable(String found, String replacement, String report) {
    return new PlantedBug("AttentionInt8", found, replacement, report);
  }

  static Stream<PlantedBug> reported() {
    return Stream.of(
        hopper("wgmma_wait<1>();", "", "wgmma"),
        hopper(
            "wgmma_hold(products);\n    release(shared.keys_free(t));",
            "release(shared.keys_free(t));",
            "without wgmma_hold"),
        hopper("mbar_wait(shared.keys_full(t), phase(t));", "", "shared memory"),
        hopper("query < queries ? of_queries[", "true ? of_queries[", "out of bounds"),
        portable("query < queries ? of_queries[", "true ? of_queries[", "out of bounds"),
        portable("kParts % 3 == 0 ? 3 : 2", "2", "asynchronous"),
        portable("token >= tokens || channel >= channels", "channel >= channels", "out of bounds"),
        portable(
            "__syncthreads();\n#pragma unroll\n  for (int e = 0; e < 8; e++) {\n    float total",
            "#pragma unroll\n  for (int e = 0; e < 8; e++) {\n    float total",
            "shared memory"),
        portable(
            "__syncthreads();\n#pragma unroll\n  for (int warp",
            "#pragma unroll\n  for (int warp",
            "shared memory"));
  }

  @ParameterizedTest
  @MethodSource("reported")
  void isReported(PlantedBug bug) {
    int capability = bug.stem().endsWith("Hopper") ? 90 : 80;
    bug.isReported(
        capability, AttentionInt8.class, DType.BF16, AttentionInt8PlantedBugTest::attend);
  }

  static Stream<PlantedBug> wrong() {
    return Stream.of(
        hopper("of_queries[query * heads + head]", "of_queries[first_query * heads + head]", ""),
        hopper("of_blocks[first_key / kScaledKeys", "of_blocks[(first_key + 128) / 256", ""),
        portable("of_blocks + head, heads", "of_blocks, heads", ""),
        portable("first_query + first_row + tile * 16", "first_query", ""),
        portable("kRoundInteger)) & 0xff", "kRoundInteger)) & 0x7f", ""),
        // Some of the keys have their mean subtracted, and then scores differ by more than that.
        portable("values[i][e] -= mean[e];", "values[i][e] -= i % 2 == 0 ? mean[e] : 0;", ""),
        portable("values[i][e] -= mean[e];", "values[i][e] -= block == 0 ? mean[e] : 0;", ""),
        portable("largest_of_warps[warp])", "largest_of_warps[0])", ""));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void missesTheLimit(PlantedBug bug) {
    int capability = bug.stem().endsWith("Hopper") ? 90 : 80;
    bug.isWrong(capability, AttentionInt8.class, DType.F16, AttentionInt8PlantedBugTest::attend);
  }

  /** Queries and keys that differ in size from token to token, and an offset of all keys. */
  private static Tensor attend(AttentionInt8 attention, Inputs inputs) {
    int queries = 70;
    int keys = 390;
    int headDim = 128;
    Tensor q = inputs.values(growing(queries, 2, headDim, 0), queries, 2, headDim);
    Tensor k = inputs.values(growing(keys, 2, headDim, 3), keys, 2, headDim);
    Tensor v = inputs.activation(3, keys, 2, headDim);
    Tensor out = inputs.output(queries, 2, headDim);
    attention.run(q, k, v, null, 0.1, AttentionInt8CudaTest.room(inputs, q, k, false), out);
    return out;
  }

  /** Deviates that grow with token and head, and an offset of each channel. */
  private static float[] growing(int tokens, int heads, int headDim, double offset) {
    float[] values = KernelHarness.normal(tokens, tokens, heads, headDim).toFloats();
    for (int i = 0; i < values.length; i++) {
      int row = i / headDim;
      double size = (0.2 + row / heads / (double) tokens) * (1 + row % heads);
      values[i] = (float) (size * values[i] + offset * Math.sin(i % headDim));
    }
    return values;
  }
}
