package dev.orrery.model.clip;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageEncoderGoldenTest {
  private static final double TOLERANCE = 5e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("clip");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      JsonValue json = golden.config();
      for (boolean all : new boolean[] {false, true}) {
        ImageEncoderConfig config =
            new ImageEncoderConfig(
                json.integer("image_size"),
                json.integer("patch_size"),
                json.integer("dim"),
                json.integer("num_heads"),
                json.integer("num_layers") - (all ? 0 : 1));
        Parameters parameters =
            Parameters.ofTransformer(Weights.of(golden.weights("")), backend, arena);
        ImageEncoder encoder = new ImageEncoder(parameters, config);
        Tensor image =
            Golden.moved(backend, arena, DType.F32, golden.channelsLast("inputs.image").row(0));
        Tensor features =
            arena.empty(backend.computeTypes().transformer(), config.tokens(), config.dim());
        ActivationTrace trace = new ActivationTrace(backend);
        encoder.forward(image, Workspace.of(arena, Golden.AMPLE), features, trace);
        Map<String, float[]> expected = taps(golden);
        // In the order of computation, so that the first difference caused the others.
        trace
            .values()
            .forEach(
                (tap, found) -> {
                  if (expected.containsKey(tap)) {
                    arguments.assertClose(tap, expected.get(tap), found, TOLERANCE);
                  }
                });
        String name = all ? "outputs.all_blocks" : "outputs.features";
        arguments.assertClose(
            name, golden.floats(name), Golden.floats(backend, features), TOLERANCE);
      }
    }
  }

  private static Map<String, float[]> taps(Golden golden) {
    Map<String, float[]> taps = new LinkedHashMap<>();
    String start = "outputs.tap.";
    for (String name : golden.names()) {
      if (name.startsWith(start)) {
        taps.put(name.substring(start.length()), golden.floats(name));
      }
    }
    Tensor pixels = golden.tensor("outputs.tap.preprocessed");
    int side = pixels.size(3);
    taps.put(
        "preprocessed", Golden.framesChannelsLast(pixels.toFloats(), 1, 3, side, side).toFloats());
    return taps;
  }
}
