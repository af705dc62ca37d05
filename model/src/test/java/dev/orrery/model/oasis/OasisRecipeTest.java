package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.family.Recipe;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OasisRecipeTest {
  @TempDir Path release;

  private List<Recipe.Part> parts() {
    return new OasisRecipe().parts(List.of(release));
  }

  @Test
  void theReleaseGetsAConfigurationOfItsSizes() throws IOException {
    Recipe.Text config = (Recipe.Text) parts().getFirst();
    assertEquals("config.json", config.target());
    Path file = Files.writeString(release.resolve("written.json"), config.content());
    JsonValue json = JsonValue.read(file);
    assertEquals("oasis", json.string("family"));
    assertEquals(OasisTransformerConfig.RELEASED, OasisTransformerConfig.read(json.get("dit")));
    assertEquals(OasisVaeConfig.RELEASED, OasisVaeConfig.read(json.get("vae")));
    assertEquals(10, json.integer("steps"));
    assertEquals(15, json.integer("stabilization_level"));
    assertEquals(0.07843137255, json.get("scaling_factor").asDouble());
    // Nothing is there by default only.
    assertEquals(10, json.get("dit").keys().size());
    assertEquals(11, json.get("vae").keys().size());
  }

  @Test
  void otherSizesAreWhatTheFolderSays() throws IOException {
    Path config = Files.writeString(release.resolve("config.json"), "{\"family\": \"oasis\"}");
    assertEquals(new Recipe.File("config.json", config), parts().getFirst());
    Files.writeString(config, "{\"model_type\": \"dit\"}");
    assertEquals(Recipe.Text.class, parts().getFirst().getClass());
  }

  @Test
  void weightsKeepTheirNamesAndMayBeArchives() throws IOException {
    Files.createFile(release.resolve("oasis500m.pt"));
    assertEquals(
        List.of(
            Recipe.Weights.of("oasis500m", release.resolve("oasis500m.pt")),
            Recipe.Weights.of("vit-l-20", release.resolve("vit-l-20.safetensors"))),
        parts().subList(1, 3));
    Files.createFile(release.resolve("oasis500m.safetensors"));
    assertEquals(
        Recipe.Weights.of("oasis500m", release.resolve("oasis500m.safetensors")), parts().get(1));
  }
}
