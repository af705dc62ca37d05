package dev.orrery.model.qwen;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The text encoder layer by layer, without the rows of padding. */
class QwenGoldenTest {
  /** Largest relative L2 error; everything is computed in fp32, on a GPU too. */
  static final double LIMIT = 1e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay-hy8b-encoders", "qwen_text");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      for (int[] real : prompts(golden)) {
        QwenTextEncoder encoder = encoder(golden, backend, false);
        ActivationTrace trace = new ActivationTrace(backend);
        encoder.encode(real, done -> {}, trace);
        Map<String, float[]> taps = trace.values();
        Map<String, float[]> found = new LinkedHashMap<>();
        found.put("embed", taps.get("embedded"));
        found.put(
            "layer0.attn", Golden.difference(taps.get("layer0.after_attn"), taps.get("embedded")));
        for (int i = 0; i < encoder.config().readLayers(); i++) {
          found.put("hidden_states." + (i + 1), taps.get("layer" + i));
        }
        int row = rowOf(golden, real);
        int length = golden.tensor("inputs.input_ids").size(1);
        found.forEach(
            (name, values) -> {
              int dim = encoder.config().dim();
              int from = row * length * dim;
              float[] all = golden.floats("outputs." + name);
              float[] expected = Arrays.copyOfRange(all, from, from + values.length);
              Golden.assertRelative(real.length + " tokens, " + name, expected, values, LIMIT);
            });
        for (String name : new String[] {"q_rope", "k_rope"}) {
          float[] expected = byToken(golden, "outputs.layer0." + name, row, real.length);
          Golden.assertRelative(name, expected, taps.get("layer0." + name), LIMIT);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesWhatTheVideoModelReads(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      int start = golden.config().integer("crop_start");
      for (boolean half : new boolean[] {false, true}) {
        String name = "outputs.text_states" + (half ? "_half_freqs" : "");
        int[] extents = {golden.tensor(name).size(1), golden.tensor(name).size(2)};
        for (int[] real : prompts(golden)) {
          Tensor states = encoder(golden, backend, half).encode(real, done -> {}, Trace.NONE);
          int from = rowOf(golden, real) * extents[0] * extents[1];
          float[] found = states.slice(start, real.length).toFloats();
          float[] expected = Arrays.copyOfRange(golden.floats(name), from, from + found.length);
          Golden.assertRelative(real.length + " tokens, " + name, expected, found, LIMIT);
        }
      }
    }
  }

  private static QwenTextEncoder encoder(Golden golden, Backend backend, boolean half) {
    Weights weights = Weights.of(golden.weights(""));
    QwenTextEncoder encoder = new QwenTextEncoder(weights, config(golden, half, 0), backend);
    weights.finish();
    return encoder;
  }

  /**
   * The configuration of a fixture.
   *
   * @param half whether frequencies are rounded
   * @param more layers that it has too many
   */
  static QwenConfig config(Golden golden, boolean half, int more) {
    QwenConfig read = QwenConfig.of(golden.config());
    return new QwenConfig(
        read.vocabulary(),
        read.dim(),
        read.heads(),
        read.keyHeads(),
        read.hidden(),
        read.layers() + more,
        read.eps(),
        read.theta(),
        half);
  }

  /** The tokens of each prompt, without padding. */
  static List<int[]> prompts(Golden golden) {
    long[] ids = golden.longs("inputs.input_ids");
    long[] mask = golden.longs("inputs.attention_mask");
    int length = golden.tensor("inputs.input_ids").size(1);
    return IntStream.range(0, ids.length / length)
        .mapToObj(
            row -> {
              int start = row * length;
              int tokens = (int) Arrays.stream(mask, start, start + length).sum();
              return Arrays.stream(ids, start, start + tokens).mapToInt(Math::toIntExact).toArray();
            })
        .toList();
  }

  private static int rowOf(Golden golden, int[] prompt) {
    List<int[]> prompts = prompts(golden);
    for (int row = 0; row < prompts.size(); row++) {
      if (Arrays.equals(prompts.get(row), prompt)) {
        return row;
      }
    }
    throw new AssertionError("not a prompt of the fixture");
  }

  /** Of {@code [B, H, L, D]} the first tokens of one prompt as {@code [tokens, H, D]}. */
  private static float[] byToken(Golden golden, String name, int prompt, int tokens) {
    Tensor stored = golden.tensor(name);
    int heads = stored.size(1);
    int length = stored.size(2);
    int dim = stored.size(3);
    float[] all = golden.floats(name);
    float[] out = new float[tokens * heads * dim];
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < heads; head++) {
        int from = ((prompt * heads + head) * length + token) * dim;
        System.arraycopy(all, from, out, (token * heads + head) * dim, dim);
      }
    }
    return out;
  }
}
