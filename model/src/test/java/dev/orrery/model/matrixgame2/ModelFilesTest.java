package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFilesTest {
  @TempDir Path temporary;

  /** Its name has no meaning to the loader. */
  private Path root;

  @BeforeEach
  void makeRoot() throws Exception {
    root = Files.createDirectory(temporary.resolve("weights"));
  }

  private static String load(Path folder) {
    try (Backend backend = CpuBackend.simd(1);
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
      return model.description();
    }
  }

  /** The released repository: a folder for the transformer, the rest one folder up. */
  private Path release(Variant variant, String name, String stem) throws Exception {
    TinyModel tiny = new TinyModel(variant, 32, 48);
    Path folder = Files.createDirectory(root.resolve(name));
    Files.writeString(folder.resolve("config.json"), tiny.dit);
    Files.writeString(folder.resolve("session.json"), "{" + tiny.session + "}");
    Path dit = folder.resolve(stem + ".safetensors");
    SafetensorsWriter.write(dit, TinyModel.under("model", tiny.ditWeights), Map.of());
    SafetensorsWriter.write(root.resolve("Wan2.1_VAE.safetensors"), tiny.vaeWeights, Map.of());
    Map<String, Tensor> clip = TinyModel.under("visual", tiny.imageEncoderWeights);
    Tensor unused = Tensor.of(new float[] {1, 2, 3}, 3);
    clip.put("textual.token_embedding.weight", unused);
    clip.put("log_scale", unused);
    clip.put("visual.transformer.1.norm1.weight", unused);
    clip.put("visual.post_norm.bias", unused);
    clip.put("visual.head", unused);
    SafetensorsWriter.write(
        root.resolve("models_clip_open-clip-xlm-roberta-large-vit-huge-14.safetensors"),
        clip,
        Map.of());
    return folder;
  }

  @Test
  void aSingleFolderHasEverything() throws Exception {
    new TinyModel(Variant.GTA_DRIVE, 32, 48).write(root);
    assertEquals("Matrix-Game 2.0 gta_drive, 48x32, 3 denoising steps", load(root));
  }

  @ParameterizedTest
  @CsvSource({
    "UNIVERSAL, base_distilled_model, base_distill, 3",
    "GTA_DRIVE, gta_distilled_model, gta_keyboard2dim, 3",
    "TEMPLERUN, templerun_distilled_model, templerun_7dim_onlykey, 4",
  })
  void aReleasedFolderHasTheRestAbove(Variant variant, String name, String stem, int steps)
      throws Exception {
    Path folder = release(variant, name, stem);
    String expected = "Matrix-Game 2.0 " + variant.id() + ", 48x32, " + steps + " denoising steps";
    assertEquals(expected, load(folder));
    assertEquals(expected, load(root), "the only model of a repository");
    assertEquals(expected, MatrixGame2.open(folder).plan(PlanningBackend.cpu()).model());
  }

  @Test
  void ofSeveralModelsOneMustBeNamed() throws Exception {
    Path base = release(Variant.UNIVERSAL, "base_distilled_model", "base_distill");
    Path gta = release(Variant.GTA_DRIVE, "gta_distilled_model", "gta_keyboard2dim");
    refused(
        root + ": expected one model, found several; name one of [" + base + ", " + gta + "]",
        root);
    assertEquals("Matrix-Game 2.0 gta_drive, 48x32, 3 denoising steps", load(gta));
  }

  @Test
  void aNetworkMayBeSharded() throws Exception {
    TinyModel tiny = new TinyModel(Variant.UNIVERSAL, 32, 48);
    tiny.write(root);
    Files.delete(root.resolve("dit.safetensors"));
    Map<String, Tensor> first = new LinkedHashMap<>();
    Map<String, Tensor> second = new LinkedHashMap<>();
    StringBuilder map = new StringBuilder();
    tiny.ditWeights.forEach(
        (name, tensor) -> {
          boolean one = first.size() < 20;
          (one ? first : second).put(name, tensor);
          map.append(map.isEmpty() ? "" : ",")
              .append('"' + name + "\":\"dit-" + (one ? 1 : 2) + ".safetensors\"");
        });
    SafetensorsWriter.write(root.resolve("dit-1.safetensors"), first, Map.of());
    SafetensorsWriter.write(root.resolve("dit-2.safetensors"), second, Map.of());
    Files.writeString(root.resolve("dit.safetensors.index.json"), "{\"weight_map\":{" + map + "}}");
    assertEquals("Matrix-Game 2.0 universal, 48x32, 3 denoising steps", load(root));
    Files.delete(root.resolve("dit-2.safetensors"));
    refused(root.resolve("dit-2.safetensors") + ": cannot be read: no such file or folder", root);
  }

  @Test
  void refusesWhatIsNoModel() throws Exception {
    refused(root + ": expected a model folder with config.json, found none", root);
    Path none = root.resolve("none");
    refused(none + ": expected a model folder, found nothing", none);
    Path file = Files.createFile(root.resolve("file"));
    refused(file + ": expected a model folder, found a file", file);
    new TinyModel(Variant.UNIVERSAL, 32, 48).write(root);
    Files.delete(root.resolve("dit.safetensors"));
    refused(
        root
            + ": expected the weights of the transformer as dit.safetensors or"
            + " base_distill.safetensors or gta_keyboard2dim.safetensors or"
            + " templerun_7dim_onlykey.safetensors, found none",
        root);
  }

  private static void refused(String expected, Path folder) {
    assertEquals(
        expected, assertThrows(CheckpointException.class, () -> load(folder)).getMessage());
    assertEquals(
        expected,
        assertThrows(
                CheckpointException.class,
                () -> MatrixGame2.open(folder).plan(PlanningBackend.cpu()))
            .getMessage());
  }
}
