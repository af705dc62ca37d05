package dev.orrery.model.genie1x;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.model.Families;
import dev.orrery.model.jafar.Jafar;
import dev.orrery.model.magvit2.Magvit2Config;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations of folders, and whose they are. */
class Genie1xConfigTest {
  /** Sizes that fit the released tokenizer, and nothing else. */
  private static final String LEAST =
      "'num_layers': 2, 'num_heads': 4, 'd_model': 48, 'num_factored_vocabs': 2";

  @TempDir Path folder;

  private static JsonValue json(String text) {
    return JsonValue.parse("config.json", text.replace('\'', '"').getBytes(UTF_8));
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("config.json"), text.replace('\'', '"'));
  }

  @Test
  void whatIsMissingIsAsReleased() {
    Genie1xConfig config = Genie1xConfig.read(json("{" + LEAST + "}"));
    assertEquals(Magvit2Config.released(), config.magvit2());
    assertEquals(8, config.promptFrames());
    assertEquals(new Genie1xConfig.Sampling(2, false, Confidence.RANDOM), config.sampling());
    assertEquals(256, config.side());
  }

  /** Beside the keys of the release, whose meaning stays. */
  @Test
  void settingsOfOurs() {
    Genie1xConfig config =
        Genie1xConfig.read(
            json(
                "{"
                    + LEAST
                    + ", 'steps': 5, 'temperature': 0.5, 'unmask': 'greedy', 'T': 12, 'S': 64,"
                    + " 'num_prompt_frames': 11, 'image_vocab_size': 256, 'magvit2':"
                    + " {'base_channels': 64, 'z_channels': 8, 'ch_mult': [1, 2], 'num_res_blocks': 1}}"));
    assertEquals(new Magvit2Config(64, 8, List.of(1, 2), 1), config.magvit2());
    assertEquals(11, config.promptFrames());
    assertEquals(16, config.side());
    assertEquals(new Genie1xConfig.Sampling(5, true, Confidence.PROBABILITY), config.sampling());
    Genie1xConfig other = config.withSteps(9);
    assertEquals(9, other.sampling().steps());
    assertEquals(config, other.withSteps(5));
  }

  @Test
  void stepsAreWithinReason() {
    Genie1xConfig config = Genie1xConfig.read(json("{" + LEAST + "}"));
    for (int steps : new int[] {0, -1, 1001}) {
      assertEquals(
          "expected 1 to 1000, found " + steps,
          assertThrows(IllegalArgumentException.class, () -> config.withSteps(steps)).getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'family': 'genie-jafar'|family: expected genie-1xgpt, found \"genie-jafar\"",
        "'steps': 0|steps: expected 1 to 1000, found 0",
        "'steps': 1001|steps: expected 1 to 1000, found 1001",
        "'steps': 2.5|steps: expected an integer, found 2.5",
        "'temperature': -1|temperature: expected 0 or more, found -1",
        "'unmask': 'Greedy'|unmask: expected random or greedy, found \"Greedy\"",
        "'num_prompt_frames': 0|num_prompt_frames: expected 1 to 15, found 0",
        "'num_prompt_frames': 16|num_prompt_frames: expected 1 to 15, found 16",
        "'T': 1|T: expected 2 frames or more, found 1",
        "'T': 8|num_prompt_frames: expected 1 to 7, found nothing",
        "'image_vocab_size': 65536|image_vocab_size: expected 262144, two to the power of the tokenizer's 18 bits, found 65536",
        "'magvit2': {'z_channels': 10}|image_vocab_size: expected 1024, two to the power of the tokenizer's 10 bits, found 262144",
        "'magvit2': {'in_channels': 4}|magvit2.in_channels: expected 3, found 4",
        "'magvit2': []|magvit2: expected an object, found []",
      })
  void refusesWhatIsNoModel(String setting, String message) {
    CheckpointException refusal =
        assertThrows(
            CheckpointException.class,
            () -> Genie1xConfig.read(json("{" + LEAST + ", " + setting + "}")));
    assertEquals("config.json: " + message, refusal.getMessage());
  }

  /** Released folders name no family, and are known by the keys that nobody else has. */
  @Test
  void foldersAreThoseOfTheirFamily() throws IOException {
    write("{" + LEAST + "}");
    assertEquals(Genie1x.FAMILY, Families.ALL.of(folder));
    assertOpenedAsJafar("family: expected genie-jafar, found nothing");
    write("{'family': 'genie-1xgpt', " + LEAST + "}");
    assertEquals(Genie1x.FAMILY, Families.ALL.of(folder));
    assertOpenedAsJafar("family: expected genie-jafar, found \"genie-1xgpt\"");
    write("{'family': 'genie-jafar'}");
    assertEquals(Jafar.FAMILY, Families.ALL.of(folder));
    assertEquals(
        folder.resolve("config.json") + ": family: expected genie-1xgpt, found \"genie-jafar\"",
        assertThrows(CheckpointException.class, () -> Genie1x.FAMILY.open(folder)).getMessage());
    write("{'d_model': 48}");
    assertThrows(CheckpointException.class, () -> Families.ALL.of(folder));
  }

  private void assertOpenedAsJafar(String message) {
    assertEquals(
        folder.resolve("config.json") + ": " + message,
        assertThrows(CheckpointException.class, () -> Jafar.FAMILY.open(folder)).getMessage());
  }
}
