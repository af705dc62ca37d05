package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.CheckpointException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The released model, which nobody needs to have: names and shapes of all its tensors. */
class ReleasedWorldPlayHyTest {
  private static final JsonValue TENSORS =
      JsonValue.read(Path.of("src/test/resources/released/worldplay_hy8b_tensors.json"));

  private static final String TRANSFORMER =
      """
      {"in_channels": 32, "out_channels": 32, "hidden_size": 2048, "heads_num": 16,
       "mlp_width_ratio": 4, "mm_double_blocks_depth": 54, "mm_single_blocks_depth": 0,
       "patch_size": [1, 1, 1], "rope_dim_list": [16, 56, 56], "rope_theta": 256,
       "text_states_dim": 3584, "vision_states_dim": 1152, "concat_condition": true,
       "qkv_bias": true, "qk_norm": true, "qk_norm_type": "rms", "glyph_byT5_v2": true,
       "use_cond_type_embedding": true, "guidance_embed": false, "use_meanflow": false,
       "text_projection": "single_refiner", "vision_projection": "linear"}
      """;

  private static Map<String, Shape> released(String network) {
    Map<String, Shape> shapes = new TreeMap<>();
    JsonValue list = TENSORS.get(network);
    for (String name : list.keys()) {
      shapes.put(name, Shape.of(Arrays.stream(list.integers(name)).asLongStream().toArray()));
    }
    return shapes;
  }

  private static Map<String, Shape> requested(PlannedTensors planned) {
    Map<String, Shape> shapes = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      shapes.put(spec.name(), spec.shape());
    }
    return shapes;
  }

  @Test
  void asksForExactlyTheReleasedTensors() {
    PlannedTensors dit = PlannedTensors.of(DType.BF16);
    try (Backend backend = PlanningBackend.cpu()) {
      new WorldPlayHyTransformer(
          Parameters.ofTransformer(Weights.of(dit), backend, backend.newArena()),
          WorldPlayHyTransformerConfig.RELEASED);
    }
    Map<String, Shape> requested = requested(dit);
    assertEquals(released("dit"), requested);
    assertEquals(1905, requested.size());
    assertEquals(8_557_933_856L, requested.values().stream().mapToLong(Shape::elements).sum());
  }

  /** Weights that are multiplied for every token of a stream, and no others. */
  @Test
  void quantisesTheProductsOfBothStreams() {
    long count =
        released("dit").keySet().stream().filter(WorldPlayHyTransformer.QUANTIZABLE).count();
    assertEquals(54 * (7 + 6), count);
    for (String name :
        new String[] {
          "double_blocks.0.img_attn_prope_proj.weight",
          "double_blocks.53.txt_mlp.fc2.weight",
          "double_blocks.7.img_attn_q.weight"
        }) {
      assertTrue(WorldPlayHyTransformer.QUANTIZABLE.test(name), name);
    }
  }

  @Test
  void readsTheReleasedConfiguration() {
    assertEquals(
        WorldPlayHyTransformerConfig.RELEASED,
        WorldPlayHyTransformerConfig.read(json(TRANSFORMER)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hidden_size\": 2048|\"hidden_size\": 2056|hidden_size",
        "\"out_channels\": 32|\"out_channels\": 16|out_channels",
        "\"mm_single_blocks_depth\": 0|\"mm_single_blocks_depth\": 2|mm_single_blocks_depth",
        "[16, 56, 56]|[16, 56, 58]|rope_dim_list",
        "[16, 56, 56]|[15, 57, 56]|rope_dim_list",
        "\"rope_theta\": 256|\"rope_theta\": 1|rope_theta",
        "\"mlp_width_ratio\": 4|\"mlp_width_ratio\": 2.5|mlp_width_ratio",
        "[1, 1, 1]|[1, 2, 2]|patch_size",
        "\"guidance_embed\": false|\"guidance_embed\": true|guidance_embed",
        "\"concat_condition\": true|\"concat_condition\": false|concat_condition",
        "single_refiner|linear|text_projection"
      })
  void refusesWhatIsNotBuilt(String present, String other, String key) {
    assertTrue(TRANSFORMER.contains(present), present);
    JsonValue changed = json(TRANSFORMER.replace(present, other));
    String message =
        assertThrows(CheckpointException.class, () -> WorldPlayHyTransformerConfig.read(changed))
            .getMessage();
    assertTrue(message.startsWith("config.json: " + key + ": expected "), message);
  }

  private static JsonValue json(String text) {
    return JsonValue.parse("config.json", text.getBytes(StandardCharsets.UTF_8));
  }
}
