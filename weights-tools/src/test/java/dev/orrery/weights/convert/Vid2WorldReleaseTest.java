package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.session.Progress;
import dev.orrery.model.vid2world.Vid2World;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training checkpoint of tiny networks becomes the model that they are from. */
class Vid2WorldReleaseTest {
  private static final Map<String, String> PREFIXES =
      Map.of(
          "unet", "model.diffusion_model.",
          "autoencoder", "first_stage_model.",
          "image_encoder", "embedder.model.visual.",
          "resampler", "image_proj_model.");

  @TempDir Path root;
  private Path tiny;
  private Path release;
  private final Map<String, Tensor> stored = new LinkedHashMap<>();

  @BeforeEach
  void makeCheckpoint() throws IOException {
    tiny = TinyReleases.synthetic(root, Vid2World.FAMILY);
    release = Files.createDirectory(root.resolve("release"));
    PREFIXES.forEach((stem, prefix) -> stored.putAll(TinyReleases.tensors(tiny, stem, prefix)));
    stored.put("embedder.model.visual.ln_post.weight", zeros(32));
    stored.put("embedder.model.token_embedding.weight", zeros(8, 32));
    text("positional_embedding", 77, 32);
    text("token_embedding.weight", 8, 32);
    text("text_projection", 32, 8);
    text("ln_final.weight", 32);
    text("ln_final.bias", 32);
    for (int i = 0; i < 2; i++) {
      String block = "transformer.resblocks." + i + ".";
      text(block + "attn.in_proj_weight", 96, 32);
      text(block + "attn.in_proj_bias", 96);
      text(block + "attn.out_proj.weight", 32, 32);
      text(block + "attn.out_proj.bias", 32);
      text(block + "ln_1.weight", 32);
      text(block + "ln_1.bias", 32);
      text(block + "ln_2.weight", 32);
      text(block + "ln_2.bias", 32);
      text(block + "mlp.c_fc.weight", 128, 32);
      text(block + "mlp.c_fc.bias", 128);
      text(block + "mlp.c_proj.weight", 32, 128);
      text(block + "mlp.c_proj.bias", 32);
    }
    String sizes =
        "\"text_encoder\":{\"vocab_size\":8,\"dim\":32,\"num_heads\":2,\"num_layers\":2},";
    Files.writeString(
        release.resolve("config.json"),
        Files.readString(tiny.resolve("config.json")).replaceFirst("\\{", "{" + sizes));
  }

  private static Tensor zeros(long... extents) {
    long elements = 1;
    for (long extent : extents) {
      elements *= extent;
    }
    return Tensor.of(new float[(int) elements], extents);
  }

  private void text(String name, long... extents) {
    Tensor tensor = zeros(extents);
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i + name.length());
    }
    stored.put("cond_stage_model.model." + name, Tensor.of(values, extents));
  }

  private static Map<String, Tensor> values(Path folder, String stem) {
    return TinyReleases.tensors(folder, stem, "");
  }

  private Path make(Recipe recipe) throws IOException {
    Path made = root.resolve("made");
    ModelFamily family = Vid2World.FAMILY;
    new RecipeRun(family, recipe, TargetType.KEEP, Conversion.ONE_FILE)
        .make(List.of(release), made, Progress.NONE);
    return made;
  }

  private static Recipe recipe() {
    return Vid2World.FAMILY.recipe().orElseThrow();
  }

  @Test
  void becomesAModel() throws IOException {
    TorchFiles.writeLightning(release.resolve("model_checkpoint_7.ckpt"), stored);
    Path made = make(recipe());
    for (String stem : List.of("unet", "autoencoder", "resampler")) {
      Map<String, Tensor> expected = values(tiny, stem);
      Map<String, Tensor> found = values(made, stem);
      assertEquals(expected.keySet(), found.keySet());
      expected.forEach(
          (name, it) -> assertArrayEquals(it.toFloats(), found.get(name).toFloats(), name));
    }
    assertEquals(77 * 32, values(made, "text_context").get("text_context").elements());
    assertEquals(5, Vid2World.FAMILY.open(made).networks().size());
    try (Stream<Path> files = Files.list(made)) {
      assertEquals(6, files.count());
    }
  }

  @Test
  void namesOfDeepSpeedAreTakenToo() throws IOException {
    Map<String, Tensor> wrapped = new LinkedHashMap<>();
    stored.forEach((name, it) -> wrapped.put("_forward_module." + name, it));
    TorchFiles.write(release.resolve("a.ckpt"), "module", wrapped);
    assertEquals(values(tiny, "unet").keySet(), values(make(recipe()), "unet").keySet());
  }

  @Test
  void aRobotsCheckpointIsNoneOfCounterStrike() throws IOException {
    stored.remove("model.diffusion_model.action_emb_preprocess.weight");
    TorchFiles.writeLightning(release.resolve("a.ckpt"), stored);
    String message = assertThrows(CheckpointException.class, () -> make(recipe())).getMessage();
    assertTrue(message.contains("action_emb_preprocess.weight"), message);
    assertEquals(1, message.lines().count());
    assertFalse(Files.exists(root.resolve("made")));
  }

  @Test
  void aBaseBecomesCausal() throws IOException {
    Map<String, Tensor> base = new LinkedHashMap<>();
    stored.forEach(
        (name, it) -> {
          if (!name.contains("action_emb")) {
            base.put(name.replace(".conv3d", "").replace(".conv2d", ""), it);
          }
        });
    TorchFiles.writeLightning(release.resolve("a.ckpt"), base);
    Map<String, Tensor> made = values(make(recipe().variant("dynamicrafter-masked")), "unet");
    assertEquals(values(tiny, "unet").keySet(), made.keySet());
  }
}
