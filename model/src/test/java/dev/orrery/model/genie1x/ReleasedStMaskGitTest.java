package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The released transformer, which nobody needs to have: names and shapes of all its tensors. */
class ReleasedStMaskGitTest {
  private static final String GENIE_35M =
      """
      {"num_layers": 32, "num_heads": 8, "d_model": 256, "T": 16, "S": 256,
       "image_vocab_size": 262144, "use_mup": false, "num_factored_vocabs": 2,
       "factored_vocab_size": 512, "max_corrupt_rate": 0.2, "non_mlm_ratio": 0.5,
       "num_prompt_frames": 8, "qkv_bias": false, "proj_bias": true, "attn_drop": 0.0,
       "qk_norm": false, "mlp_ratio": 4.0, "mlp_drop": 0.0, "mlp_bias": true}
      """;

  @Test
  void asksForExactlyTheReleasedTensors() {
    assertTensors("GENIE_35M (config n32 h8 d256)", GENIE_35M, 35_218_688);
  }

  /** Norms of heads take the place of norms of tokens; so it is where the key is missing. */
  @Test
  void asksForTheNormsOfHeads() {
    String name = "GENIE_35M (config n32 h8 d256) with qk_norm true (not a released model)";
    assertTensors(name, GENIE_35M.replace("\"qk_norm\": false", "\"qk_norm\": true"), 35_190_016);
    assertTensors(name, GENIE_35M.replace("\"qk_norm\": false,", ""), 35_190_016);
  }

  private static void assertTensors(String name, String config, long parameters) {
    PlannedTensors planned = PlannedTensors.of(DType.F32);
    try (Backend backend = PlanningBackend.cpu()) {
      new StMaskGit(
          Parameters.ofTransformer(Weights.of(planned), backend, backend.newArena()),
          StMaskGitConfig.read(
              JsonValue.parse("config.json", config.getBytes(StandardCharsets.UTF_8))));
    }
    JsonValue list =
        JsonValue.read(Path.of("src/test/resources/released/genie-1xgpt_tensors.json"))
            .get(name)
            .get("tensors");
    Map<String, Shape> released = new TreeMap<>();
    for (String tensor : list.keys()) {
      released.put(tensor, Shape.of(Arrays.stream(list.integers(tensor)).asLongStream().toArray()));
    }
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    assertEquals(released, requested);
    assertEquals(parameters, planned.byteSize() / DType.F32.byteSize());
  }
}
