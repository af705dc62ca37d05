package dev.orrery.model.hunyuanvae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HunyuanVaeConfigTest {
  private static final String RELEASED =
      """
      {"block_out_channels": [128, 256, 512, 1024, 1024], "downsample_match_channel": true,
       "ffactor_spatial": 16, "ffactor_temporal": 4, "in_channels": 3, "latent_channels": 32,
       "layers_per_block": 2, "out_channels": 3, "scaling_factor": 1.03682, "shift_factor": null}
      """;

  private static HunyuanVaeConfig read(String json) {
    return HunyuanVaeConfig.read(
        JsonValue.parse("config.json", json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsTheReleasedConfiguration() {
    assertEquals(HunyuanVaeConfig.released(), read(RELEASED));
  }

  @Test
  void channelsOfTheReleasedModel() {
    HunyuanVaeConfig released = HunyuanVaeConfig.released();
    int[] encoder = {128, 256, 512, 1024, 1024};
    boolean[] halves = {false, false, true, true};
    boolean[] doubles = {true, true, false, false};
    for (int level = 0; level <= released.lastLevel(); level++) {
      assertEquals(encoder[level], released.encoderChannels(level));
      assertEquals(encoder[4 - level], released.decoderChannels(level));
    }
    for (int level = 0; level < released.lastLevel(); level++) {
      assertEquals(halves[level], released.encoderHalvesFrames(level));
      assertEquals(doubles[level], released.decoderDoublesFrames(level));
    }
  }

  /** What is replaced in the released file, by what, and the message. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"ffactor_spatial\": 16|\"ffactor_spatial\": 8"
            + "|config.json: ffactor_spatial: expected 16, found 8",
        "\"ffactor_temporal\": 4|\"ffactor_temporal\": 8"
            + "|config.json: ffactor_temporal: expected 4, found 8",
        "\"in_channels\": 3|\"in_channels\": 4|config.json: in_channels: expected 3, found 4",
        "_channel\": true|_channel\": false"
            + "|config.json: downsample_match_channel: expected true, found false",
        "\"shift_factor\": null|\"shift_factor\": 0.1"
            + "|config.json: shift_factor: expected 0 or null, found 0.1",
        "1024, 1024]|1024]"
            + "|config.json: vae: expected five levels and positive numbers, found levels"
            + " [128, 256, 512, 1024], 32 latent channels, 2 residual blocks, scaling factor"
            + " 1.03682",
        "1.03682|-1"
            + "|config.json: vae: expected five levels and positive numbers, found levels"
            + " [128, 256, 512, 1024, 1024], 32 latent channels, 2 residual blocks, scaling"
            + " factor -1.0",
        "\"latent_channels\": 32|\"latent_channels\": 48"
            + "|config.json: vae: channels of the last level: expected a multiple of 96, found"
            + " 1024",
        "256, 512|258, 512"
            + "|config.json: vae: channels of level 1: expected a multiple of 4, found 258",
        "128, 256|128, 768"
            + "|config.json: vae: 4 times the channels of level 0: expected a multiple of 768,"
            + " found 512"
      })
  void refusesWhatDoesNotFit(String part, String other, String message) {
    String json = RELEASED.replace(part, other);
    assertEquals(message, assertThrows(CheckpointException.class, () -> read(json)).getMessage());
  }

  @Test
  void refusesNumbersThatAreNotPositive() {
    List<Integer> channels = List.of(8, 8, 8, 16, 0);
    assertEquals(
        "vae: expected five levels and positive numbers, found levels [8, 8, 8, 16, 0], 4 latent"
            + " channels, 1 residual blocks, scaling factor 1.0",
        assertThrows(IllegalArgumentException.class, () -> new HunyuanVaeConfig(4, channels, 1, 1))
            .getMessage());
  }
}
