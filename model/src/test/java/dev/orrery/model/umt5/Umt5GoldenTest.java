package dev.orrery.model.umt5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
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

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "umt5");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Umt5Config config = config(golden.config());
      Weights weights = Weights.of(golden.weights(""));
      Umt5Encoder encoder =
          new Umt5Encoder(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      Workspace workspace = Workspace.of(arena, Golden.WORKSPACE_BYTES);
      long[] ids = golden.longs("ids");
      long[] mask = golden.longs("mask");
      float[] block = golden.floats("block0_out");
      float[] all = golden.floats("out");
      int prompts = golden.tensor("ids").size(0);
      int limit = golden.tensor("ids").size(1);
      for (int prompt = 0; prompt < prompts; prompt++) {
        int start = prompt * limit;
        int tokens = (int) Arrays.stream(mask, start, start + limit).sum();
        int[] real = new int[tokens];
        for (int i = 0; i < tokens; i++) {
          real[i] = (int) ids[start + i];
        }
        Tensor out = arena.empty(backend.precision().tokens(), tokens, config.dim());
        ActivationTrace trace = new ActivationTrace(backend);
        encoder.forward(real, workspace, out, trace);
        int from = start * config.dim();
        int to = from + tokens * config.dim();
        String what = "prompt " + prompt + " of " + tokens + " tokens, ";
        double limits = arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
        Golden.assertRelative(
            what + "block 0",
            Arrays.copyOfRange(block, from, to),
            trace.values().get("block0_out"),
            limits);
        Golden.assertRelative(
            what + "out", Arrays.copyOfRange(all, from, to), Golden.floats(backend, out), limits);
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
      Umt5Config config = config(golden.config());
      long[] distances = golden.longs("bucket.d");
      long[] buckets = golden.longs("bucket.b");
      for (int i = 0; i < distances.length; i++) {
        int distance = (int) distances[i];
        assertEquals(buckets[i], RelativeBuckets.of(distance, config), "distance " + distance);
      }
    }
  }

  private static Umt5Config config(JsonValue json) {
    return new Umt5Config(
        json.integer("vocab"),
        json.integer("d_model"),
        json.integer("num_heads"),
        json.integer("d_kv"),
        json.integer("d_ff"),
        json.integer("num_layers"),
        json.integer("num_buckets"),
        json.integer("max_distance"),
        json.number("eps"));
  }
}
