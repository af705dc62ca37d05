package dev.orrery.weights.convert;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The training checkpoint of Vid2World, with tiny networks of random weights. */
public final class TinyVid2World {
  private static final Map<String, String> PREFIXES =
      Map.of(
          "unet", "model.diffusion_model.",
          "autoencoder", "first_stage_model.",
          "image_encoder", "embedder.model.visual.",
          "resampler", "image_proj_model.");

  private TinyVid2World() {}

  /**
   * A release.
   *
   * @param root where its folder is made
   * @param tiny a model whose networks it has
   */
  public static Path release(Path root, Path tiny) throws IOException {
    Path release = Files.createDirectory(root.resolve("Vid2World-CSGO"));
    TorchFiles.writeLightning(release.resolve("model_checkpoint_100000.ckpt"), tensors(tiny));
    writeConfig(tiny, release);
    return release;
  }

  /** The sizes of a release are known; those of a smaller one stand beside it. */
  static void writeConfig(Path tiny, Path release) throws IOException {
    String sizes =
        "\"text_encoder\":{\"vocab_size\":8,\"dim\":32,\"num_heads\":2,\"num_layers\":2},";
    Files.writeString(
        release.resolve("config.json"),
        Files.readString(tiny.resolve("config.json")).replaceFirst("\\{", "{" + sizes));
  }

  /** The tensors of the checkpoint: of a model's networks, of a text tower, and what is dropped. */
  static Map<String, Tensor> tensors(Path tiny) {
    Map<String, Tensor> stored = new LinkedHashMap<>();
    PREFIXES.forEach((stem, prefix) -> stored.putAll(TinyReleases.tensors(tiny, stem, prefix)));
    stored.put("embedder.model.visual.ln_post.weight", Tensor.of(new float[32], 32));
    stored.put("embedder.model.token_embedding.weight", Tensor.of(new float[8 * 32], 8, 32));
    text(stored, "positional_embedding", 77, 32);
    text(stored, "token_embedding.weight", 8, 32);
    text(stored, "text_projection", 32, 8);
    text(stored, "ln_final.weight", 32);
    text(stored, "ln_final.bias", 32);
    for (int i = 0; i < 2; i++) {
      String block = "transformer.resblocks." + i + ".";
      text(stored, block + "attn.in_proj_weight", 96, 32);
      text(stored, block + "attn.in_proj_bias", 96);
      text(stored, block + "attn.out_proj.weight", 32, 32);
      text(stored, block + "attn.out_proj.bias", 32);
      text(stored, block + "ln_1.weight", 32);
      text(stored, block + "ln_1.bias", 32);
      text(stored, block + "ln_2.weight", 32);
      text(stored, block + "ln_2.bias", 32);
      text(stored, block + "mlp.c_fc.weight", 128, 32);
      text(stored, block + "mlp.c_fc.bias", 128);
      text(stored, block + "mlp.c_proj.weight", 32, 128);
      text(stored, block + "mlp.c_proj.bias", 32);
    }
    return stored;
  }

  private static void text(Map<String, Tensor> stored, String name, long... extents) {
    long elements = 1;
    for (long extent : extents) {
      elements *= extent;
    }
    float[] values = new float[(int) elements];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i + name.length());
    }
    stored.put("cond_stage_model.model." + name, Tensor.of(values, extents));
  }
}
