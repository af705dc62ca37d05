package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.model.hunyuanvae.HunyuanVaeConfig;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.wan.DecoderSettings;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
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

  private static SourceWorldPlayHy model() {
    WorldPlayHyConfig config =
        new WorldPlayHyConfig(
            480,
            832,
            WorldPlayHyTransformerConfig.RELEASED,
            HunyuanVaeConfig.released(),
            DecoderSettings.own(TaehvConfig.hunyuanVideo15()),
            WorldPlayHySampler.of(4, 5, 1),
            Optional.empty(),
            WorldPlayHyConfig.VISION_TOKENS);
    return new SourceWorldPlayHy(
        config,
        PlannedTensors.of(DType.BF16),
        PlannedTensors.of(DType.BF16),
        PlannedTensors.of(DType.BF16));
  }

  /**
   * What plays on a GPU fits into 40 GB: of the weights half is for the text and does not stay, and
   * remembered frames are kept once. Everything in 16 bits.
   */
  @Test
  void plansItsMemoryOnAGpu() {
    SessionPlan plan = model().plan(CudaBackend.planned());
    long block = 2L * 54 * 2048;
    long context = 2 * block * 20 * 1560;
    long text = 2 * block * (729 + 256 + 1000);
    assertTrue(plan.condition() == text, "condition " + plan.condition());
    assertTrue(
        plan.own() > context && plan.own() < 1.25 * context,
        "session " + plan.own() + " against remembered frames of " + context);
    // The video stream of a block, and what lies around the blocks.
    long video = 54L * (6 * 2048 + 5 * 2048 + 2 * 8192) * 2048;
    assertTrue(
        plan.copiedWeights() > 2 * video && plan.copiedWeights() < 2.5 * video,
        "weights " + plan.copiedWeights() + " against blocks of " + 2 * video);
    long playing = plan.copiedWeights() + plan.session() + plan.workspace();
    assertTrue(playing < 40e9, "playing " + playing);
    // A start brings one block of the text stream, the half of the autoencoder, and states.
    assertTrue(plan.startBytes() < 10e9, "start " + plan.startBytes());
  }

  /** From the sixth chunk on all cost the same, however long the rollout. */
  @Test
  void chunksCostTheSameFromTheSixthOn() {
    double[] operations = model().operations(9);
    // Five passes over a chunk, of which one fills the memory, and the decoder.
    assertEquals(0.461e15, operations[0], 0.005e15);
    assertEquals(2.257e15, operations[5], 0.01e15);
    for (int chunk = 1; chunk < operations.length; chunk++) {
      double before = operations[chunk - 1];
      if (chunk > 5) {
        assertEquals(before, operations[chunk], "chunk " + chunk);
      } else {
        assertTrue(operations[chunk] > before, "chunk " + chunk);
      }
    }
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
