package dev.orrery.model.jafar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings under the names of jafar's arguments. */
class JafarConfigTest {
  private static JafarConfig read(String text) {
    return JafarConfig.read(
        JsonValue.parse("config.json", text.replace('\'', '"').getBytes(UTF_8)));
  }

  @Test
  void whatIsMissingHasTheDefaultsOfItsScripts() {
    JafarConfig config = read("{}");
    assertEquals(64, config.height());
    assertEquals(64, config.width());
    assertEquals(16, config.frames());
    assertEquals(256, config.tokens());
    assertEquals(48, config.patchValues());
    assertEquals(1024, config.codes());
    assertEquals(6, config.actions());
    assertEquals(32, config.codeDim());
    assertEquals(new JafarConfig.Sizes(512, 8, 8), config.tokenizer());
    assertEquals(new JafarConfig.Sizes(512, 8, 12), config.dynamics());
    assertEquals(new JafarConfig.Sampling(25, 1, false), config.sampling());
    assertFalse(config.retokenise());
  }

  /** Images that patches do not divide get patches beyond their border. */
  @Test
  void patchesReachBeyondTheImage() {
    JafarConfig config = read("{'height': 90, 'width': 160}");
    assertEquals(23, config.tokenRows());
    assertEquals(40, config.tokenColumns());
  }

  @Test
  void stepsAreWithinReason() {
    JafarConfig config = read("{'temperature': 2, 'sample_argmax': false}");
    assertEquals(new JafarConfig.Sampling(3, 2, true), config.withSteps(3).sampling());
    for (int steps : new int[] {0, -1, 4097}) {
      assertEquals(
          "expected 1 to 4096, found " + steps,
          assertThrows(IllegalArgumentException.class, () -> config.withSteps(steps)).getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'dyna_num_blocks': 0|dyna_num_blocks: expected a positive integer, found 0",
        "'dyna_num_heads': 5|dyna_num_heads: expected a divisor of an even dyna_dim = 512, found 5",
        "'tokenizer_dim': 9, 'tokenizer_num_heads': 3|tokenizer_num_heads: expected a divisor of an even tokenizer_dim = 9, found 3",
        "'lam_dim': 6|lam_num_heads: expected a divisor of an even lam_dim = 6, found nothing",
        "'num_frames': 0|num_frames: expected a positive integer, found 0",
        "'num_frames': 1|num_frames: expected 2 frames or more, found 1",
        "'num_frames': 4097|num_frames: expected at most 4096, found 4097",
        "'height': 0|height: expected a positive integer, found 0",
        "'width': 1000000|width: expected at most 4096, found 1000000",
        "'patch_size': -4|patch_size: expected a positive integer, found -4",
        "'num_patch_latents': 0|num_patch_latents: expected a positive integer, found 0",
        "'num_latent_actions': 0|num_latent_actions: expected a positive integer, found 0",
        "'temperature': 0|temperature: expected a positive number, found 0",
        "'in_dim': 1|in_dim: expected 3 colours, found 1",
        "'steps': 0|steps: expected a positive integer, found 0",
        "'retokenise': 1|retokenise: expected true or false, found 1",
      })
  void refusesWhatIsNoModel(String settings, String message) {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> read("{" + settings + "}"));
    assertEquals("config.json: " + message, refusal.getMessage());
  }
}
