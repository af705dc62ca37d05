package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that do not fit: one line that names the tensor, and nothing stays open. */
class LoadFailureTest {
  /** Lists what a process has mapped, where there is such a file. */
  private static final Path MAPPED = Path.of("/proc/self/maps");

  private final TinyModel tiny = new TinyModel(Variant.UNIVERSAL, 32, 48);

  @TempDir Path temporary;

  private Map<String, Tensor> weights(String stem) {
    return switch (stem) {
      case "dit" -> tiny.ditWeights;
      case "vae" -> tiny.vaeWeights;
      default -> tiny.imageEncoderWeights;
    };
  }

  private void refused(String stem, String expected) throws Exception {
    Path folder = Files.createTempDirectory(temporary, "model");
    tiny.write(folder);
    refused(folder, folder.resolve(stem + ".safetensors") + ": " + expected);
  }

  private static void refused(Path folder, String expected) throws Exception {
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(1))) {
      CheckpointException refused =
          assertThrows(
              CheckpointException.class, () -> MatrixGame2.load(folder, backend, Progress.NONE));
      assertEquals(expected, refused.getMessage());
      assertEquals(
          expected,
          assertThrows(
                  CheckpointException.class,
                  () -> MatrixGame2.open(folder).plan(PlanningBackend.cpu()))
              .getMessage());
      assertEquals(0, backend.openArenas());
    }
    assertFalse(isMapped(folder), "a file is still open");
  }

  private static boolean isMapped(Path folder) throws Exception {
    return Files.exists(MAPPED)
        && Files.readString(MAPPED).contains(folder.toRealPath().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dit", "vae", "image_encoder"})
  void namesAMissingTensor(String stem) throws Exception {
    String name = weights(stem).keySet().stream().skip(7).findFirst().orElseThrow();
    Tensor gone = weights(stem).remove(name);
    refused(stem, "tensor " + name + ": expected shape " + gone.shape() + ", but missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dit", "vae", "image_encoder"})
  void namesATensorOfAnotherShape(String stem) throws Exception {
    String name = weights(stem).keySet().stream().skip(7).findFirst().orElseThrow();
    Tensor right = weights(stem).get(name);
    weights(stem).put(name, right.reshape(1, 1, right.elements()));
    refused(
        stem,
        "tensor "
            + name
            + ": expected shape "
            + right.shape()
            + ", found [1, 1, "
            + right.elements()
            + "]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dit", "vae", "image_encoder"})
  void namesASurplusTensor(String stem) throws Exception {
    weights(stem).put("blocks.9\nrest", Tensor.of(new float[1], 1));
    refused(
        stem,
        "expected no tensors beyond those of the network, found 1 surplus: blocks.9\\u000arest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dit", "vae", "image_encoder"})
  void seesATruncatedFile(String stem) throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("model"));
    tiny.write(folder);
    Path path = folder.resolve(stem + ".safetensors");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> MatrixGame2.open(folder).plan(PlanningBackend.cpu()));
    assertTrue(refused.getMessage().startsWith(path + ": expected "), refused.getMessage());
    assertTrue(
        refused.getMessage().endsWith("; the file is cut off: download it again"),
        refused.getMessage());
    refused(folder, refused.getMessage());
  }

  /** Sizes that overflow are found by running the plan. */
  @Test
  void refusesSettingsThatNothingCanRun() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("model"));
    tiny.write(folder);
    Path config = folder.resolve("config.json");
    String broken = tiny.config().replace("\"image_size\": 28", "\"image_size\": 14000000");
    Files.writeString(config, broken);
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> MatrixGame2.open(folder).plan(PlanningBackend.cpu()));
    String expected = folder + ": the settings give no model that can run: ";
    assertTrue(refused.getMessage().startsWith(expected), refused.getMessage());
    refused(folder, refused.getMessage());
  }

  @Test
  void aLoadedModelLetsGoOfItsFiles() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("model"));
    tiny.write(folder);
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(1))) {
      try (WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
        assertEquals(48, model.width());
        assertEquals(Files.exists(MAPPED), isMapped(folder));
      }
      assertEquals(0, backend.openArenas());
    }
    assertFalse(isMapped(folder), "a file is still open");
  }
}
