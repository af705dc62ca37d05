package dev.orrery.model.oasis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OasisNetworkConfigTest {
  private static JsonValue json(String text) {
    return JsonValue.parse("config.json", text.replace('\'', '"').getBytes(UTF_8));
  }

  @Test
  void whatIsMissingIsAsReleased() {
    assertEquals(OasisTransformerConfig.RELEASED, OasisTransformerConfig.read(json("{}")));
    assertEquals(OasisVaeConfig.RELEASED, OasisVaeConfig.read(json("{}")));
    assertEquals(144, OasisTransformerConfig.RELEASED.tokens());
    assertEquals(576, OasisVaeConfig.RELEASED.tokens());
  }

  @Test
  void hiddenChannelsFollowTheRatio() {
    assertEquals(2048, OasisTransformerConfig.read(json("{'mlp_ratio': 2}")).hidden());
    OasisVaeConfig vae = OasisVaeConfig.read(json("{'mlp_ratio': 2.5, 'dec_dim': 128}"));
    assertEquals(2560, vae.encoder().hidden());
    assertEquals(320, vae.decoder().hidden());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'depth': 0}; depth: expected a positive integer, found 0",
        "{'max_frames': 0}; max_frames: expected a positive integer, found 0",
        "{'max_frames': 100000}; max_frames: expected at most 4096, found 100000",
        "{'num_heads': 3}; num_heads: expected a divisor of hidden_size = 1024 that leaves multiples of 4, found 3",
        "{'hidden_size': 32}; num_heads: expected a divisor of hidden_size = 32 that leaves multiples of 4, found nothing",
        "{'input_h': 17}; input_h: expected a multiple of patch_size = 2, found 17",
        "{'input_w': 31}; input_w: expected a multiple of patch_size = 2, found 31",
        "{'mlp_ratio': 0}; mlp_ratio: expected a positive number that leaves hidden channels, found 0",
        "{'external_cond_dim': 'all'}; external_cond_dim: expected an integer, found \"all\""
      })
  void refusesWhatIsNoTransformer(String text, String message) {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> OasisTransformerConfig.read(json(text)));
    assertEquals("config.json: " + message, refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'dec_depth': 0}; dec_depth: expected a positive integer, found 0",
        "{'enc_heads': 5}; enc_heads: expected a divisor of enc_dim = 1024 that leaves multiples of 8, found 5",
        "{'dec_dim': 64}; dec_heads: expected a divisor of dec_dim = 64 that leaves multiples of 8, found nothing",
        "{'input_height': 350}; input_height: expected a multiple of patch_size = 20, found 350",
        "{'patch_size': 7}; input_height: expected a multiple of patch_size = 7, found nothing",
        "{'input_width': 100000}; input_width: expected at most 16777216 pixels with input_height = 360, found 100000",
        "{'mlp_ratio': -1}; mlp_ratio: expected a positive number that leaves hidden channels, found -1"
      })
  void refusesWhatIsNoAutoencoder(String text, String message) {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> OasisVaeConfig.read(json(text)));
    assertEquals("config.json: " + message, refusal.getMessage());
  }
}
