package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.model.wan.DecoderSettings;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The released model, which nobody needs to have: names and shapes of all its tensors, and memory.
 */
class ReleasedWorldPlayTest {
  private static final JsonValue TENSORS =
      JsonValue.read(Path.of("src/test/resources/released/worldplay_tensors.json"));
  private static final WorldPlayConfig CONFIG =
      new WorldPlayConfig(
          704,
          1280,
          WorldPlayTransformerConfig.RELEASED,
          Vae22Config.wan22(),
          DecoderSettings.own(TaehvConfig.wan22()));

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
    PlannedTensors vae = PlannedTensors.of(DType.BF16);
    PlannedTensors text = PlannedTensors.of(DType.BF16);
    try (Backend backend = PlanningBackend.cpu()) {
      new SourceWorldPlay(CONFIG, dit, vae).build(backend, backend.newArena());
      T5Encoder.ofModel(
          Parameters.ofTransformer(Weights.of(text), backend, backend.newArena()),
          T5Config.umt5Xxl());
    }
    assertEquals(released("dit"), requested(dit));
    assertEquals(released("vae"), requested(vae));
    assertEquals(released("umt5_encoder"), requested(text));
  }

  /** The configuration files of the released repositories, of the keys that are read. */
  @Test
  void readsTheReleasedConfiguration() {
    WorldPlayConfig read =
        WorldPlayConfig.read(
            TinyWorldPlay.json("{\"family\": \"worldplay-wan5b\"}"),
            TinyWorldPlay.json(
                """
                {"attention_head_dim": 128, "num_attention_heads": 24, "num_layers": 30,
                 "ffn_dim": 14336, "freq_dim": 256, "text_dim": 4096, "in_channels": 48,
                 "out_channels": 48, "patch_size": [1, 2, 2], "cross_attn_norm": true,
                 "qk_norm": "rms_norm_across_heads", "eps": 1e-06, "image_dim": null,
                 "added_kv_proj_dim": null}
                """),
            TinyWorldPlay.json(
                """
                {"base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "dim_mult": [1, 2, 4, 4],
                 "num_res_blocks": 2, "temperal_downsample": [false, true, true],
                 "attn_scales": [], "is_residual": true, "patch_size": 2,
                 "latents_mean": %s, "latents_std": %s}
                """
                    .formatted(
                        Arrays.toString(Vae22Config.wan22().mean()),
                        Arrays.toString(Vae22Config.wan22().std()))));
    assertEquals(704, read.height());
    assertEquals(1280, read.width());
    assertEquals(WorldPlayTransformerConfig.RELEASED, read.dit());
    assertEquals(Vae22Config.wan22().encoderDim(), read.vae().encoderDim());
    assertEquals(Vae22Config.wan22().decoderDim(), read.vae().decoderDim());
  }

  /**
   * Every dtype fits every kernel on a GPU. A session is hardly more than the window of the
   * transformer, 20 latent frames of 880 tokens whose keys are kept with and without rotation, the
   * prompt's keys and values and the decoder's memory.
   */
  @Test
  void plansItsMemoryOnAGpu() {
    SessionPlan memory =
        new SourceWorldPlay(CONFIG, PlannedTensors.of(DType.BF16), PlannedTensors.of(DType.BF16))
            .plan(CudaBackend.planned());
    long window = 2L * 30 * 3 * 20 * 880 * 3072;
    long text = 2L * 30 * 2 * 512 * 3072;
    // Two frames of the input of each convolution over time, stage by stage.
    long features =
        2L
            * 2
            * (44 * 80 * (48 + 4 * 1024L + 7 * 1024)
                + 88 * 160 * (7 * 1024L)
                + 176 * 320 * (1024L + 5 * 512)
                + 352 * 640 * (512L + 6 * 256));
    long known = window + text + features;
    assertTrue(
        memory.session() > known && memory.session() < 1.01 * known,
        "session " + memory.session() + " against caches of " + known);
    long parameters = 5_293_225_152L + 704_688_668L;
    assertTrue(
        memory.copiedWeights() > 2 * parameters && memory.copiedWeights() < 2.02 * parameters,
        "weights " + memory.copiedWeights());
  }
}
