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
  @TempDir Path root;
  private Path tiny;
  private Path release;
  private Map<String, Tensor> stored;

  @BeforeEach
  void makeCheckpoint() throws IOException {
    tiny = TinyReleases.synthetic(root, Vid2World.FAMILY);
    release = Files.createDirectory(root.resolve("release"));
    stored = TinyVid2World.tensors(tiny);
    TinyVid2World.writeConfig(tiny, release);
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
