package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.weights.synthesize.SyntheticModel;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Released repositories in their layouts, with tiny networks of random weights. */
public final class TinyReleases {
  static final String CLIP = "models_clip_open-clip-xlm-roberta-large-vit-huge-14";
  static final String STEM = "diffusion_pytorch_model";

  private TinyReleases() {}

  /** The repository of one variant, from a model whose configuration has all sections. */
  public static Path matrixGame2(Path root) throws IOException {
    Path tiny = synthetic(root, MatrixGame2.FAMILY);
    Path release = root.resolve("Matrix-Game-2.0");
    Path variant = Files.createDirectories(release.resolve("base_distilled_model"));
    Files.copy(tiny.resolve("config.json"), variant.resolve("config.json"));
    SafetensorsWriter.write(
        variant.resolve("base_distill.safetensors"), tensors(tiny, "dit", "model."), Map.of());
    TorchFiles.write(release.resolve("Wan2.1_VAE.pth"), "", tensors(tiny, "vae", ""));
    Map<String, Tensor> clip = tensors(tiny, "image_encoder", "visual.");
    clip.put("textual.token_embedding.weight", Tensor.of(new float[6], 2, 3));
    clip.put("log_scale", Tensor.of(new float[1], 1));
    TorchFiles.write(release.resolve(CLIP + ".pth"), "", clip);
    return release;
  }

  /** The repository of the distilled transformer. */
  public static Path worldPlay(Path root, Path tiny) throws IOException {
    Path release = root.resolve("HY-WorldPlay");
    Path config = Files.createDirectories(release.resolve("wan_transformer"));
    Files.copy(tiny.resolve("transformer/config.json"), config.resolve("config.json"));
    Path weights = Files.createDirectories(release.resolve("wan_distilled_model"));
    TorchFiles.write(
        weights.resolve("model.pt"),
        "generator",
        tensors(tiny.resolve("transformer"), STEM, "model._fsdp_wrapped_module."));
    return release;
  }

  /** The repository of the autoencoder and of the text encoder, which has shards. */
  public static Path wan(Path root, Path tiny) throws IOException {
    Path release = root.resolve("Wan2.2-TI2V-5B-Diffusers");
    for (String folder : List.of("vae", "tokenizer", "text_encoder")) {
      Path target = Files.createDirectories(release.resolve(folder));
      try (Stream<Path> files = Files.list(tiny.resolve(folder))) {
        for (Path file : files.toList()) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
    }
    // The text encoder in shards.
    Path whole = release.resolve("text_encoder/model.safetensors");
    Path outside = root.resolve("whole.safetensors");
    Files.move(whole, outside);
    List<Path> shards =
        new Conversion(NameRule.KEEP, TargetType.KEEP, 10_000)
            .convert(outside, "", whole, Progress.NONE);
    assertTrue(shards.size() > 2);
    return release;
  }

  /**
   * The repositories of WorldPlay-8B, from a model in a folder: two that it is made of, and those
   * of the three encoders.
   */
  public static List<Path> worldPlayHy(Path root, Path tiny) throws IOException {
    Path worldPlay = root.resolve("HY-WorldPlay-8B");
    copy(
        tiny.resolve("transformer").resolve(STEM + ".safetensors"),
        worldPlay.resolve("ar_distilled_action_model/model.safetensors"));
    Path hunyuan = root.resolve("HunyuanVideo-1.5");
    copy(
        tiny.resolve("transformer/config.json"),
        hunyuan.resolve("transformer/480p_i2v/config.json"));
    copy(tiny.resolve("vae/config.json"), hunyuan.resolve("vae/config.json"));
    copy(
        tiny.resolve("vae").resolve(STEM + ".safetensors"),
        hunyuan.resolve("vae").resolve(STEM + ".safetensors"));
    Path qwen = root.resolve("Qwen2.5-VL-7B-Instruct");
    for (String file : List.of("text_encoder/config.json", "tokenizer/vocab.json")) {
      copy(tiny.resolve(file), qwen.resolve(Path.of(file).getFileName()));
    }
    copy(tiny.resolve("tokenizer/merges.txt"), qwen.resolve("merges.txt"));
    Map<String, Tensor> text = tensors(tiny.resolve("text_encoder"), "model", "");
    text.put("lm_head.weight", Tensor.of(new float[6], 3, 2));
    text.put("visual.blocks.0.norm1.weight", Tensor.of(new float[2], 2));
    SafetensorsWriter.write(qwen.resolve("model.safetensors"), text, Map.of());
    Path glyphs = Files.createDirectories(root.resolve("Glyph-SDXL-v2/checkpoints"));
    copy(tiny.resolve("glyph_encoder/config.json"), glyphs.resolve("config.json"));
    Map<String, Tensor> glyph =
        tensors(tiny.resolve("glyph_encoder"), "model", "module.text_tower.encoder.");
    glyph.put("module.text_tower.projection", Tensor.of(new float[2], 2));
    TorchFiles.write(glyphs.resolve("byt5_model.pt"), "state_dict", glyph);
    Path redux = root.resolve("FLUX.1-Redux-dev");
    for (String file : List.of("image_encoder/config.json", "image_encoder/model.safetensors")) {
      copy(tiny.resolve(file), redux.resolve(file));
    }
    return List.of(worldPlay, hunyuan, qwen, glyphs.getParent(), redux);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }

  /** The tensors of a checkpoint in fp32, their names behind a prefix. */
  static Map<String, Tensor> tensors(Path folder, String stem, String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.find(folder, stem)) {
      for (String name : checkpoint.names()) {
        Tensor stored = checkpoint.find(name, Shape.of()).orElseThrow();
        float[] values = new float[(int) stored.elements()];
        FloatView.of(stored).copy(0, values, 0, values.length);
        tensors.put(prefix + name, Tensor.of(values, stored.shape().extents()));
      }
    }
    return tensors;
  }

  /** The values of a checkpoint. */
  static Map<String, float[]> values(Path folder, String stem) {
    Map<String, float[]> values = new TreeMap<>();
    tensors(folder, stem, "").forEach((name, tensor) -> values.put(name, tensor.toFloats()));
    return values;
  }

  /** A model of a family in a folder. */
  public static Path synthetic(Path root, ModelFamily family) throws IOException {
    Path tiny = root.resolve("tiny");
    SyntheticModel.write(family, SyntheticScale.TINY, 1, tiny, Progress.NONE);
    return tiny;
  }

  /**
   * The repository of Oasis, from a model in a folder: no configuration, one part as an archive.
   */
  public static Path oasis(Path root, Path tiny) throws IOException {
    return oasis(root, tiny, Map.of());
  }

  /** As {@link #oasis(Path, Path)}, with more tensors in the archive. */
  static Path oasis(Path root, Path tiny, Map<String, Tensor> more) throws IOException {
    Path release = Files.createDirectory(root.resolve("oasis"));
    Map<String, Tensor> dit = tensors(tiny, "oasis500m", "");
    dit.putAll(more);
    TorchFiles.write(release.resolve("oasis500m.pt"), "", dit);
    Files.copy(tiny.resolve("vit-l-20.safetensors"), release.resolve("vit-l-20.safetensors"));
    return release;
  }

  /**
   * The folder of 1xgpt's tokenizer, from a model in a folder: a training checkpoint with its
   * weights as they were last, and as they were on average.
   */
  public static Path magvit2(Path root, Path tiny) throws IOException {
    Path release = Files.createDirectory(root.resolve("data"));
    Map<String, Tensor> stored = new LinkedHashMap<>();
    tensors(tiny, "magvit2", "")
        .forEach(
            (name, tensor) -> {
              float[] last = new float[(int) tensor.elements()];
              stored.put(name, Tensor.of(last, tensor.shape().extents()));
              stored.put("model_ema." + name.replace(".", ""), tensor);
            });
    stored.put("loss.discriminator.weight", Tensor.of(new float[3], 3));
    TorchFiles.writeLightning(release.resolve("magvit2.ckpt"), stored);
    return release;
  }
}
