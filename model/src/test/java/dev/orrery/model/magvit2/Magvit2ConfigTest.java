package dev.orrery.model.magvit2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class Magvit2ConfigTest {
  private static Magvit2Config read(String json) {
    return Magvit2Config.read(
        JsonValue.parse("config.json", json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsWhatIsThere() {
    assertEquals(Magvit2Config.released(), read("{}"));
    assertEquals(16, Magvit2Config.released().ratio());
    assertEquals(262144, Magvit2Config.released().ids());
    assertEquals(
        new Magvit2Config(32, 6, List.of(1, 1, 2), 1),
        read(
            "{\"in_channels\": 3, \"z_channels\": 6, \"out_channels\": 3, \"base_channels\": 32,"
                + " \"ch_mult\": [1, 1, 2], \"num_res_blocks\": 1}"));
  }

  @Test
  void refusesWhatIsNoTokenizer() {
    assertRefused("{\"in_channels\": 1}", "in_channels: expected 3, found 1");
    assertRefused("{\"out_channels\": 4}", "out_channels: expected 3, found 4");
    for (String wrong :
        List.of(
            "\"base_channels\": 48",
            "\"base_channels\": 0",
            "\"z_channels\": 31",
            "\"z_channels\": 0",
            "\"ch_mult\": []",
            "\"ch_mult\": [1, 0]",
            "\"ch_mult\": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
            "\"num_res_blocks\": 0")) {
      assertRefused(
          "{" + wrong + "}",
          "magvit2: expected base channels that are a multiple of 32, 1 to 30 code channels, 1 to"
              + " 12 positive multipliers and 1 residual block or more, found");
    }
  }

  private static void assertRefused(String json, String expected) {
    CheckpointException refused = assertThrows(CheckpointException.class, () -> read(json));
    assertTrue(refused.getMessage().contains("config.json"), refused.getMessage());
    assertTrue(refused.getMessage().contains(expected), refused.getMessage());
  }
}
