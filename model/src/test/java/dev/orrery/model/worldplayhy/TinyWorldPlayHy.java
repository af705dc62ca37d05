package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A complete model with random weights in the layout of a model's folder, for tests. */
public final class TinyWorldPlayHy {
  public static final int ROWS = 16;
  public static final int COLUMNS = 32;

  /** Distilled, of two steps. */
  static final String SETTINGS =
      """
      {"family": "worldplay-hy8b", "resolution": [16, 32], "steps": 2, "vision_tokens": 3}
      """;

  /** The same with guidance. */
  static final String GUIDED =
      """
      {"family": "worldplay-hy8b", "resolution": [16, 32], "steps": 2, "vision_tokens": 3,
       "guidance": 3}
      """;

  static final String TRANSFORMER =
      """
      {"in_channels": 4, "out_channels": 4, "hidden_size": 32, "heads_num": 2,
       "mlp_width_ratio": 2, "mm_double_blocks_depth": 2, "rope_dim_list": [4, 6, 6],
       "text_states_dim": 18, "vision_states_dim": 14, "byt5_dim": 12, "byt5_hidden": 16}
      """;

  static final String VAE =
      """
      {"latent_channels": 4, "block_out_channels": [4, 4, 4, 8, 8], "layers_per_block": 1,
       "ffactor_spatial": 16, "ffactor_temporal": 4, "scaling_factor": 1.03682}
      """;

  private TinyWorldPlayHy() {}

  /** Writes the folder of a distilled model. */
  public static void write(Path folder) throws IOException {
    write(folder, SETTINGS);
  }

  static void write(Path folder, String settings) throws IOException {
    WorldPlayHyConfig config =
        WorldPlayHyConfig.read(json(settings), json(TRANSFORMER), json(VAE), Optional.empty());
    PlannedTensors dit = PlannedTensors.of(DType.F32);
    PlannedTensors vae = PlannedTensors.of(DType.F32);
    PlannedTensors vision = PlannedTensors.of(DType.F32);
    try (Backend backend = PlanningBackend.cpu()) {
      new SourceWorldPlayHy(config, dit, vae, vision).build(backend, backend.newArena());
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), settings);
    String stem = "diffusion_pytorch_model.safetensors";
    write(folder.resolve("transformer"), TRANSFORMER, stem, RandomWeights.of(dit, 1));
    write(folder.resolve("vae"), VAE, stem, RandomWeights.of(vae, 2));
    SafetensorsWriter.write(
        folder.resolve("vision.safetensors"), RandomWeights.of(vision, 3), Map.of());
  }

  private static void write(Path folder, String config, String file, Map<String, Tensor> weights)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config);
    SafetensorsWriter.write(folder.resolve(file), weights, Map.of());
  }

  static JsonValue json(String text) {
    return JsonValue.parse("config.json", text.getBytes(StandardCharsets.UTF_8));
  }

  /** A prompt with quoted text and a negative one. */
  static EncodedPrompt prompt(long seed) {
    Map<String, Tensor> states = new LinkedHashMap<>();
    Random random = new Random(seed);
    states.put(WorldPlayHyPrompts.TEXT, states(random, 5, 18));
    states.put(WorldPlayHyPrompts.GLYPHS, states(random, 2, 12));
    states.put(WorldPlayHyPrompts.NEGATIVE, states(random, 2, 18));
    return new EncodedPrompt("castle", "none", Optional.empty(), states);
  }

  private static Tensor states(Random random, int tokens, int channels) {
    float[] values = new float[tokens * channels];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, tokens, channels);
  }

  /** An image of another size and shape than the model's. */
  public static RgbImage picture() {
    int width = 70;
    int height = 50;
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 7 / 5);
    }
    return new RgbImage(width, height, rgb);
  }
}
