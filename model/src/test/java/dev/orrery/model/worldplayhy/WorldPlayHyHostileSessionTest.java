package dev.orrery.model.worldplayhy;

import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of WorldPlay-8B. */
class WorldPlayHyHostileSessionTest extends HostileSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayHyWorld.in(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Test
  void latentsAreFinite() {
    assertRefused(
        "generator.latents1",
        Float.NaN,
        "generator.latents1: expected finite values, found NaN at 0");
    assertRefused(
        "condition.image", Float.NaN, "condition.image: expected finite values, found NaN at 0");
  }

  @Test
  void thePromptIsOneThatFits() {
    int most = 3 + WorldPlayHyPrompts.GLYPH_TOKENS + WorldPlayHyPrompts.TEXT_TOKENS;
    String tokens = "condition.prompt.tokens";
    assertRefused(tokens, most + 1, tokens + ": expected 0 to " + most + ", found " + (most + 1));
    assertRefused(tokens, 0, tokens + ": expected 1 to " + most + ", found 0");
    assertRefused(
        tokens, 9, "condition.prompt.block0.keys: expected F32[9, 2, 16], found F32[10, 2, 16]");
  }
}
