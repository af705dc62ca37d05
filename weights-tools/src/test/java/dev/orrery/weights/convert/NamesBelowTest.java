package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.source.StoredTensors;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An encoder inside the checkpoint of a training, or by itself. */
class NamesBelowTest {
  private static final List<String> PREFIXES =
      List.of("state_dict.module.encoder.", "module.encoder.", "");

  @TempDir Path root;

  private Map<String, String> apply(Path file, List<String> prefixes) {
    try (StoredTensors tensors = StoredTensors.openAll(file)) {
      return NameRule.of(new Recipe.Below(prefixes)).apply(tensors);
    }
  }

  private Path training() throws IOException {
    Map<String, Tensor> stored = new LinkedHashMap<>();
    stored.put("module.encoder.norm.weight", Tensor.of(new float[] {1, 2}, 2));
    stored.put("module.encoder.proj", Tensor.of(new float[] {3}, 1));
    stored.put("module.head.encoder.proj", Tensor.of(new float[] {4}, 1));
    return TorchFiles.write(root.resolve("training.pt"), "state_dict", stored);
  }

  @Test
  void theEncoderOfATrainingIsTakenAloneAndUnderItsOwnNames() throws IOException {
    assertEquals(
        Map.of(
            "norm.weight", "state_dict.module.encoder.norm.weight",
            "proj", "state_dict.module.encoder.proj"),
        apply(training(), PREFIXES));
  }

  @Test
  void anEncoderByItselfKeepsItsNames() throws IOException {
    Path file =
        TorchFiles.write(
            root.resolve("encoder.pt"), "", Map.of("proj", Tensor.of(new float[] {3}, 1)));
    assertEquals(Map.of("proj", "proj"), apply(file, PREFIXES));
  }

  @Test
  void anotherCheckpointIsRefused() throws IOException {
    Path file = training();
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> apply(file, List.of("model.text.", "text.")));
    assertEquals(
        file + ": expected tensors whose names begin with model.text. or text., found none",
        e.getMessage());
  }
}
