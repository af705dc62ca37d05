package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A complete model with random weights in the layout of a model's folder, for tests. */
public final class TinyWorldPlay {
  public static final int ROWS = 32;
  public static final int COLUMNS = 64;

  private static final String SETTINGS =
      """
      {"family": "worldplay-wan5b", "resolution": [32, 64]}
      """;
  private static final String TRANSFORMER =
      """
      {"_class_name": "WanTransformer3DModel", "attention_head_dim": 12, "num_attention_heads": 2,
       "num_layers": 2, "ffn_dim": 40, "freq_dim": 16, "text_dim": 16, "in_channels": 6,
       "out_channels": 6, "patch_size": [1, 2, 2], "cross_attn_norm": true,
       "qk_norm": "rms_norm_across_heads", "eps": 1e-06, "image_dim": null}
      """;
  private static final String VAE =
      """
      {"_class_name": "AutoencoderKLWan", "base_dim": 4, "decoder_base_dim": 4, "z_dim": 6,
       "dim_mult": [1, 2, 4, 4], "num_res_blocks": 1, "temperal_downsample": [false, true, true],
       "attn_scales": [], "is_residual": true, "patch_size": 2,
       "latents_mean": [0, 0.1, 0, 0, -0.1, 0], "latents_std": [1, 1, 0.9, 1, 1, 1.1]}
      """;
  private static final String TEXT_ENCODER =
      """
      {"vocab_size": 420, "d_model": 16, "num_heads": 2, "d_kv": 4, "d_ff": 24, "num_layers": 2}
      """;

  private TinyWorldPlay() {}

  /** Writes the model's folder. */
  public static void write(Path folder) throws IOException {
    JsonValue transformer = json(TRANSFORMER);
    JsonValue autoencoder = json(VAE);
    WorldPlayConfig config = WorldPlayConfig.read(json(SETTINGS), transformer, autoencoder);
    PlannedTensors dit = PlannedTensors.of(DType.F32);
    PlannedTensors vae = PlannedTensors.of(DType.F32);
    PlannedTensors text = PlannedTensors.of(DType.F32);
    try (Backend backend = PlanningBackend.cpu()) {
      new SourceWorldPlay(config, dit, vae).build(backend, backend.newArena());
      T5Encoder.ofModel(
          Parameters.ofTransformer(Weights.of(text), backend, backend.newArena()),
          T5Config.of(json(TEXT_ENCODER), false));
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), SETTINGS);
    String stem = "diffusion_pytorch_model";
    writeNetwork(folder.resolve("transformer"), TRANSFORMER, stem, RandomWeights.of(dit, 1));
    writeNetwork(folder.resolve("vae"), VAE, stem, RandomWeights.of(vae, 2));
    writeNetwork(folder.resolve("text_encoder"), TEXT_ENCODER, "model", RandomWeights.of(text, 3));
    Files.createDirectories(folder.resolve("tokenizer"));
    try (InputStream tokenizer = TinyWorldPlay.class.getResourceAsStream("/umt5/tokenizer.json")) {
      Files.copy(tokenizer, folder.resolve("tokenizer/tokenizer.json"));
    }
  }

  private static void writeNetwork(
      Path folder, String config, String stem, Map<String, Tensor> weights) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config);
    SafetensorsWriter.write(folder.resolve(stem + ".safetensors"), weights, Map.of());
  }

  static JsonValue json(String text) {
    return JsonValue.parse("config.json", text.getBytes(StandardCharsets.UTF_8));
  }

  /** An image of another size and shape than the model's. */
  public static RgbImage picture() {
    int width = 90;
    int height = 60;
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 7 / 5);
    }
    return new RgbImage(width, height, rgb);
  }
}
