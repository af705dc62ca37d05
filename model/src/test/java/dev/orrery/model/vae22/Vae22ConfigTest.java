package dev.orrery.model.vae22;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class Vae22ConfigTest {
  private static Vae22Config with(List<Boolean> temporal, float[] mean, float[] std) {
    return new Vae22Config(4, 6, 2, List.of(1, 2, 4, 4), 2, temporal, mean, std);
  }

  @Test
  void channelsOfTheReleasedModel() {
    Vae22Config wan = Vae22Config.wan22();
    assertEquals(48, wan.latentChannels());
    int[] encoder = {160, 320, 640, 640};
    int[] decoder = {1024, 1024, 512, 256};
    for (int stage = 0; stage <= wan.lastStage(); stage++) {
      assertEquals(encoder[stage], wan.encoderChannels(stage));
      assertEquals(decoder[stage], wan.decoderChannels(stage));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    List<Boolean> temporal = List.of(false, true, true);
    float[] two = {1, 2};
    with(temporal, two, two);
    List<Boolean> other = List.of(true, true, false);
    assertEquals(
        "vae: expected positive widths, four stages, temporal downsampling in the second and"
            + " third step, and one mean and std for each latent channel, found widths 4 and 6,"
            + " multipliers [1, 2, 4, 4], residual blocks 2, downsampling [true, true, false],"
            + " 2 channels, 2 means, 2 stds",
        assertThrows(IllegalArgumentException.class, () -> with(other, two, two)).getMessage());
    assertEquals(
        "vae: expected positive widths, four stages, temporal downsampling in the second and"
            + " third step, and one mean and std for each latent channel, found widths 4 and 6,"
            + " multipliers [1, 2, 4, 4], residual blocks 2, downsampling [false, true, true],"
            + " 2 channels, 3 means, 2 stds",
        assertThrows(IllegalArgumentException.class, () -> with(temporal, new float[3], two))
            .getMessage());
    IllegalArgumentException zero =
        assertThrows(IllegalArgumentException.class, () -> with(temporal, two, new float[] {1, 0}));
    assertTrue(zero.getMessage().contains("positive stds"), zero.getMessage());
    float[] nan = {Float.NaN, 1};
    assertEquals(
        "vae: expected finite means and positive stds, found [NaN, 1.0] and [1.0, 2.0]",
        assertThrows(IllegalArgumentException.class, () -> with(temporal, nan, two)).getMessage());
  }
}
