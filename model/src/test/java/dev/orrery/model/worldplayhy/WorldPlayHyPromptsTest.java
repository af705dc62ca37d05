package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.session.Progress;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldPlayHyPromptsTest {
  @TempDir private Path folder;

  @Test
  void promptsOfOtherModelsAreRefused() throws IOException {
    Prompts prompts = prompts(TinyWorldPlayHy.SETTINGS);
    refused(prompts, Map.of("features", zeros(16)), "prompt: expected text, found [features]");
    refused(
        prompts,
        Map.of("text", zeros(16)),
        "prompt: expected text of at most 1000 tokens of 18 channels, found [1, 16]");
    refused(
        prompts(TinyWorldPlayHy.GUIDED),
        Map.of("text", zeros(18)),
        "prompt: expected negative.text, found [text]");
  }

  private void refused(Prompts prompts, Map<String, Tensor> tensors, String expected) {
    Path file = folder.resolve("other.safetensors");
    new EncodedPrompt("a castle", "of another", Optional.empty(), tensors).save(file);
    assertEquals(
        file + ": " + expected,
        assertThrows(CheckpointException.class, () -> prompts.read(file)).getMessage());
  }

  private static Tensor zeros(int channels) {
    return Tensor.of(new float[channels], 1, channels);
  }

  /** Without encoders there is nothing to hold a prompt against, nor to plan. */
  @Test
  void promptsMayComeEncodedOnly() throws IOException {
    Prompts prompts = prompts(TinyWorldPlayHy.SETTINGS);
    assertFalse(prompts.canEncode());
    Path file = folder.resolve("prompt.safetensors");
    TinyWorldPlayHy.prompt(1).save(file);
    assertEquals("castle", prompts.stored().prompt());
    try (CpuBackend backend = CpuBackend.simd(1)) {
      assertEquals(
          folder
              + ": expected text_encoder to encode the prompt with, found none; without it, take a"
              + " prompt that encode-prompt made where there is one",
          assertThrows(CheckpointException.class, () -> prompts.encode("a", backend)).getMessage());
    }
  }

  @Test
  void modelsWithGuidanceHaveANegativePrompt() throws IOException {
    TinyWorldPlayHy.write(folder, TinyWorldPlayHy.GUIDED);
    new TinyPromptFolder(folder, TinyWorldPlayHy.GUIDED);
    Prompts prompts = WorldPlayHy.open(folder).prompts().orElseThrow();
    assertTrue(prompts.canEncode());
    assertTrue(prompts.takesNegative());
    try (CpuBackend backend = CpuBackend.simd(1)) {
      EncodedPrompt none = prompts.encode("a \"sign\"", backend);
      assertEquals(Set.of("text", "negative.text", "glyph"), none.tensors().keySet());
      EncodedPrompt other = prompts.encode("a \"sign\"", "", backend, Progress.NONE);
      assertArrayEquals(
          none.tensor("negative.text").toFloats(), other.tensor("negative.text").toFloats());
      Path file = folder.resolve("prompt.safetensors");
      none.save(file);
      EncodedPrompt read = prompts.read(file);
      assertArrayEquals(none.tensor("glyph").toFloats(), read.tensor("glyph").toFloats());
    }
  }

  @Test
  void distilledModelsHaveNone() throws IOException {
    TinyWorldPlayHy.write(folder, TinyWorldPlayHy.SETTINGS);
    new TinyPromptFolder(folder, TinyWorldPlayHy.SETTINGS);
    WorldPlayHy model = WorldPlayHy.open(folder);
    Prompts prompts = model.prompts().orElseThrow();
    assertFalse(prompts.takesNegative());
    try (CpuBackend backend = CpuBackend.simd(1)) {
      assertEquals(Set.of("text"), prompts.encode("a lake", backend).tensors().keySet());
      assertThrows(
          UnsupportedOperationException.class,
          () -> prompts.encode("a lake", "fog", backend, Progress.NONE));
    }
    assertEquals(
        List.of("transformer", "VAE", "picture's states", "text encoder", "glyph encoder"),
        model.networks().stream().map(NetworkWeights::name).toList());
    try (PlanningBackend plan = PlanningBackend.cpu()) {
      assertTrue(model.plan(plan).promptEncoder() > 0);
    }
  }

  private Prompts prompts(String settings) throws IOException {
    TinyWorldPlayHy.write(folder, settings);
    return WorldPlayHy.open(folder).prompts().orElseThrow();
  }
}
