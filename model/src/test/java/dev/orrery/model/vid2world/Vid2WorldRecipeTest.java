package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.clip.TextTower;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class Vid2WorldRecipeTest {
  @TempDir Path release;

  private final Recipe recipe = new Vid2WorldRecipe(Vid2WorldRecipe.Variant.CSGO, Optional.empty());

  @Test
  void takesTheNetworksOfTheOnlyCheckpoint() throws IOException {
    Path checkpoint = Files.createFile(release.resolve("model_checkpoint_100000.ckpt"));
    for (Path input : List.of(release, checkpoint)) {
      List<Recipe.Part> parts = recipe.parts(List.of(input));
      assertEquals(
          List.of(
              "config.json", "unet", "autoencoder", "image_encoder", "resampler", "text_context"),
          parts.stream().map(Recipe.Part::target).toList());
      assertEquals(
          new Recipe.Weights(
              "unet",
              checkpoint,
              "state_dict module",
              new Recipe.Below(
                  List.of("model.diffusion_model.", "_forward_module.model.diffusion_model."))),
          parts.get(1));
    }
  }

  @ParameterizedTest
  @CsvSource({"csgo, 51, 10, pixels", "rt1, 13, 16, latents", "recon, 3, 20, latents"})
  void everyModelOfTheReleaseHasItsConfiguration(
      String variant, int actionDim, int window, String history) throws IOException {
    Files.createFile(release.resolve("a.ckpt"));
    Recipe.Text config = (Recipe.Text) recipe.variant(variant).parts(List.of(release)).getFirst();
    JsonValue json = JsonValue.read(Files.writeString(release.resolve("c"), config.content()));
    assertEquals("vid2world", json.string("family"));
    assertEquals(actionDim, json.get("unet").integer("action_dim"));
    assertEquals(window, json.integer("window"));
    assertEquals(history, json.string("history"));
  }

  @Test
  void refusesNoneOrSeveral() throws IOException {
    String none = refused();
    assertTrue(none.endsWith("such as model_checkpoint_100000.ckpt, found none"), none);
    Files.createFile(release.resolve("b.ckpt"));
    Files.createFile(release.resolve("a.ckpt"));
    String several = refused();
    assertTrue(several.contains("a.ckpt, ") && several.endsWith("; name one of them"), several);
  }

  private String refused() {
    return assertThrows(CheckpointException.class, () -> recipe.parts(List.of(release)))
        .getMessage();
  }

  /** With memory that was planned for it, and what only a whole checkpoint has. */
  @ParameterizedTest
  @MethodSource("dev.orrery.model.vid2world.Vid2WorldContextGoldenTest#files")
  void theEmptyPromptIsThatOfTheReference(Golden.Arguments context) {
    try (Golden golden = context.golden();
        TensorArena arena = new HostArena()) {
      JsonValue json = golden.config();
      TextTower.Config config =
          new TextTower.Config(
              json.integer("vocab"),
              json.integer("context_dim"),
              json.integer("text_heads"),
              json.integer("text_layers"));
      float[] found =
          EmptyPrompt.context(golden.weights("cond_stage_model.model."), config)
              .values()
              .apply(arena)
              .toFloats();
      Golden.assertRelative("text_context", golden.floats("outputs.text_context"), found, 1e-5);
    }
  }
}
