package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.genie1x.StMaskGitConfig.Options;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StMaskGitConfigTest {
  private static final String SIZES = "\"num_layers\": 2, \"num_heads\": 4, \"d_model\": 48";

  private static StMaskGitConfig read(String json) {
    return StMaskGitConfig.read(
        JsonValue.parse("config.json", json.getBytes(StandardCharsets.UTF_8)));
  }

  /** What a key has that is not there, in the reference. */
  @Test
  void defaultsOfTheReference() {
    StMaskGitConfig config = read("{" + SIZES + "}");
    assertEquals(16, config.frames());
    assertEquals(16, config.side());
    assertEquals(256, config.tokens());
    assertEquals(new FactoredVocabulary(1, 262144), config.vocabulary());
    assertEquals(192, config.hiddenDim());
    assertEquals(new Options(false, true, false, true, true), config.options());
    assertEquals(1 / Math.sqrt(12), config.attentionScale());
    assertEquals(1, config.readoutScale());
  }

  @Test
  void scalesOfMaximalUpdateParametrisation() {
    StMaskGitConfig config = read("{" + SIZES + ", \"use_mup\": true, \"mlp_ratio\": 2.5}");
    assertEquals(8.0 / 12, config.attentionScale());
    assertEquals(256.0 / 48, config.readoutScale());
    assertEquals(120, config.hiddenDim());
  }

  @Test
  void factorsOfIds() {
    FactoredVocabulary vocabulary =
        read("{" + SIZES + ", \"image_vocab_size\": 125, \"num_factored_vocabs\": 3}").vocabulary();
    assertEquals(new FactoredVocabulary(3, 5), vocabulary);
    int[] ids = {0, 1, 5, 25, 124, 125};
    assertArrayEquals(new int[] {0, 1, 0, 0, 4, 5}, vocabulary.factor(ids, 0));
    assertArrayEquals(new int[] {0, 0, 1, 0, 4, 5}, vocabulary.factor(ids, 1));
    assertArrayEquals(new int[] {0, 0, 0, 1, 4, 5}, vocabulary.factor(ids, 2));
  }

  @Test
  void refusesWhatIsNoModel() {
    for (List<String> wrong :
        List.of(
            List.of("\"num_layers\": 0", "num_layers"),
            List.of("\"num_heads\": 5", "num_heads: expected a divisor of d_model = 48, found 5"),
            List.of("\"num_heads\": 0", "num_heads"),
            List.of("\"d_model\": -1", "d_model"),
            List.of("\"T\": 0", "T: expected 2 frames or more, found 0"),
            List.of("\"S\": 15", "S: expected the square of a positive number, found 15"),
            List.of("\"S\": 0", "S: expected the square of a positive number, found 0"),
            List.of("\"S\": -4", "S: expected the square of a positive number, found -4"),
            List.of("\"mlp_ratio\": 0", "mlp_ratio: expected 1 to 2147483647 channels, found 0"),
            List.of("\"mlp_ratio\": 1e300", "mlp_ratio"),
            List.of(
                "\"num_factored_vocabs\": 4",
                "image_vocab_size: expected a power of 4 of 2 or more"),
            List.of("\"num_factored_vocabs\": 0", "num_factored_vocabs: expected 1 to 30, found 0"),
            List.of(
                "\"image_vocab_size\": -8", "image_vocab_size: expected a power of 1 of 2 or more"),
            List.of(
                "\"num_factored_vocabs\": 2, \"factored_vocab_size\": 511",
                "factored_vocab_size: expected 512, the root of the vocabulary, found 511"))) {
      // A key that is there twice would be refused for that.
      String key = wrong.getFirst().replaceAll("^\"(\\w+)\".*", "$1");
      StringBuilder json = new StringBuilder("{" + wrong.getFirst());
      for (String size : SIZES.split(", ")) {
        if (!size.contains("\"" + key + "\"")) {
          json.append(", ").append(size);
        }
      }
      CheckpointException refused =
          assertThrows(CheckpointException.class, () -> read(json.append("}").toString()));
      assertTrue(refused.getMessage().contains("config.json"), refused.getMessage());
      assertTrue(refused.getMessage().contains(wrong.getLast()), refused.getMessage());
    }
  }
}
