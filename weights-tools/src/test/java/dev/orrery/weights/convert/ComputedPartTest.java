package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network whose only tensor is computed of a tower that is not kept. */
class ComputedPartTest {
  @TempDir Path root;

  private record Doubling(Path source) implements Recipe {
    @Override
    public List<String> inputs() {
      return List.of("RELEASE_DIR");
    }

    @Override
    public String describeInputs() {
      return "takes a folder";
    }

    @Override
    public List<Part> parts(List<Path> inputs) {
      Weights tower = new Weights("tower", source, "", new Below(List.of("state_dict.text.")));
      return List.of(new Computed("model", tower, Doubling::twice));
    }

    /** In fp32, whatever type is asked for: what is rounded before it is computed with is lost. */
    private static List<ComputedTensor> twice(TensorSource tower) {
      Tensor found = tower.find("weight", Shape.of(2)).orElseThrow();
      assertEquals(DType.F32, found.dtype());
      assertEquals(1, tower.names().size());
      float[] values = found.toFloats();
      Tensor twice = Tensor.of(new float[] {2 * values[0], 2 * values[1]}, 2);
      return List.of(ComputedTensor.of("twice", twice));
    }
  }

  private List<String> make(String name) throws IOException {
    Path source =
        TorchFiles.write(
            root.resolve("a.ckpt"),
            "state_dict",
            Map.of(
                name,
                Tensor.of(new float[] {1.0001f, -3}, 2),
                "betas",
                Tensor.of(new float[1], 1)));
    StubFamily family =
        new StubFamily("model", Map.of("twice", new long[] {2}), new Doubling(source));
    return new RecipeRun(family, family.made(), TargetType.BF16, Conversion.ONE_FILE)
        .make(List.of(root), root.resolve("made"), Progress.NONE);
  }

  @Test
  void whatIsComputedIsAllThatIsKept() throws IOException {
    assertEquals(List.of("model: computed of " + root.resolve("a.ckpt")), make("text.weight"));
    try (Stream<Path> files = Files.list(root.resolve("made"))) {
      assertEquals(List.of(root.resolve("made/model.safetensors")), files.toList());
    }
    try (SafetensorsFile file = SafetensorsFile.open(root.resolve("made/model.safetensors"))) {
      assertArrayEquals(new float[] {2.0002f, -6}, file.tensor("twice").toFloats());
    }
  }

  @Test
  void nothingIsLeftOfAnotherCheckpoint() {
    assertThrows(CheckpointException.class, () -> make("image.weight"));
    assertFalse(Files.exists(root.resolve("made")));
  }
}
