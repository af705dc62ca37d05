package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldPlayPromptsTest {
  private static final int CHANNELS = 16;

  @TempDir Path folder;

  @Test
  void promptsOfOtherModelsAreRefused() {
    refused("x", CHANNELS, "prompt: expected features, found [x]");
    refused("features", 8, "prompt: expected features of 16 channels, found 8");
  }

  private void refused(String name, int channels, String expected) {
    Path file = folder.resolve("prompt.safetensors");
    Tensor tensor = Tensor.of(new float[channels], 1, channels);
    new EncodedPrompt("a castle", "of another", Optional.empty(), Map.of(name, tensor)).save(file);
    WorldPlayPrompts prompts = new WorldPlayPrompts(folder, CHANNELS);
    assertEquals(
        file + ": " + expected,
        assertThrows(CheckpointException.class, () -> prompts.read(file)).getMessage());
  }
}
