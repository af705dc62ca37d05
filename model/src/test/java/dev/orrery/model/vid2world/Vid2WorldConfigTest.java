package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations, and weights that are of another one. */
class Vid2WorldConfigTest {
  private static Vid2WorldConfig read(String json) {
    byte[] utf8 = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return Vid2WorldConfig.read(JsonValue.parse("config.json", utf8));
  }

  @Test
  void whatIsMissingIsAsReleasedForCounterStrike() {
    Vid2WorldConfig config = read("{}");
    assertEquals(UnetConfig.RELEASED, config.unet());
    assertEquals(9, config.past());
    assertEquals(320, config.height());
    assertEquals(512, config.width());
    assertEquals(50, config.sampling().steps());
    assertEquals(CsgoActionSpace.INSTANCE, config.actions());
    assertEquals(16, read("{'history': 'latents'}").frames().window());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 1000})
  void stepsThatTheSamplerDefinesAreTaken(int steps) {
    assertEquals(steps, read("{'steps': " + steps + "}").sampling().steps());
    assertEquals(steps, read("{}").withSteps(steps).sampling().steps());
  }

  /** With one step there is none before the last, to whose level the past is noised. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 1001})
  void othersAreNotWhereverTheyComeFrom(int steps) {
    CheckpointException inFile =
        assertThrows(CheckpointException.class, () -> read("{'steps': " + steps + "}"));
    assertEquals("config.json: steps: expected 2 to 1000, found " + steps, inFile.getMessage());
    IllegalArgumentException chosen =
        assertThrows(IllegalArgumentException.class, () -> read("{}").withSteps(steps));
    assertEquals("expected 2 to 1000, found " + steps, chosen.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'window': 0            | window: expected 2 to 64, found 0",
        "'window': 1            | window: expected 2 to 64, found 1",
        "'window': 65           | window: expected 2 to 64, found 65",
        "'fs': 0                | fs: expected 1 to 120, found 0",
        "'family': 'oasis'      | family: expected vid2world, found \"oasis\"",
        "'history': 'frames'    | history: expected pixels or latents, found \"frames\"",
        "'posterior': 'mode'    | posterior: expected sample or mean, found \"mode\"",
        "'eta': 1.5             | eta: expected 0 to 1.0, found 1.5",
        "'guidance': -1         | guidance: expected 0 to 100.0, found -1",
        "'guidance_rescale': 2  | guidance_rescale: expected 0 to 1.0, found 2",
        "'autoencoder': {'z_channels': 8} | autoencoder.z_channels: expected 4, as the U-Net has",
        "'unet': {'model_channels': 48}   | unet.model_channels: expected a multiple of 32, found",
        "'unet': {'num_head_channels': 48} | unet.num_head_channels: expected a divisor of 320",
        "'unet': {'image_size': [20, 64]} | unet.image_size: expected rows and columns, multiples",
        "'unet': {'channel_mult': []}     | unet.channel_mult: expected 1 to 8 positive numbers",
        "'unet': {'action_dim': 0}        | unet.action_dim: expected a positive",
      })
  void refusesWhatIsNoModel(String setting, String message) {
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> read("{" + setting + "}"));
    assertTrue(e.getMessage().startsWith("config.json: " + message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  /** Weights of one model under the configuration of another. */
  private static void assertRefused(Path folder, String from, String to, String message)
      throws IOException {
    Path config = folder.resolve(Vid2WorldConfig.FILE);
    String before = Files.readString(config);
    assertTrue(before.contains(from), before);
    Files.writeString(config, before.replace(from, to));
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(1))) {
      CheckpointException e =
          assertThrows(
              CheckpointException.class,
              () -> new SyntheticWorld(Vid2World.FAMILY, folder, "", true).load(backend));
      assertTrue(e.getMessage().contains(message), e.getMessage());
      assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
      assertEquals(0, backend.heldBytes());
    }
    Files.writeString(config, before);
  }

  @Test
  void weightsOfARobotAreNoneOfCounterStrike(@TempDir Path folder) throws IOException {
    GrowingWindowSessionTest.robot(folder, 13);
    String robot = "\"action_dim\": 13";
    assertRefused(
        folder,
        robot,
        "\"action_dim\": 51",
        "unet.safetensors: tensor action_emb_preprocess.weight: expected shape [51, 32], but missing");
    assertRefused(
        folder,
        robot,
        "\"action_dim\": 3",
        "unet.safetensors: tensor action_emb_proj.0.weight: expected shape [32, 3], found [32, 13]");
  }

  @Test
  void weightsOfCounterStrikeAreNoneOfARobot(@TempDir Path folder) throws IOException {
    SyntheticWorld.write(Vid2World.FAMILY, folder, "");
    assertRefused(
        folder,
        "\"action_dim\": 51",
        "\"action_dim\": 13",
        "unet.safetensors: tensor action_emb_proj.0.weight: expected shape [32, 13], found [128, 32]");
  }

  /** The tokens of a picture are as wide as the U-Net takes them. */
  @Test
  void anImageContextOfAnotherWidthIsRefused(@TempDir Path folder, @TempDir Path wider)
      throws IOException {
    SyntheticWorld.write(Vid2World.FAMILY, folder, "");
    SyntheticWorld.write(
        Vid2World.FAMILY,
        wider,
        "",
        json -> json.replace("\"context_dim\": 32", "\"context_dim\": 64"));
    for (String stem : new String[] {"resampler", "text_context"}) {
      Path file = folder.resolve(stem + ".safetensors");
      Path own = Files.move(file, folder.resolve("own"));
      Files.copy(wider.resolve(stem + ".safetensors"), file);
      String tensor = stem.equals("resampler") ? "proj_out.weight" : "text_context";
      String shapes =
          stem.equals("resampler")
              ? "expected shape [32, 32], found [64, 32]"
              : "expected shape [77, 32], found [77, 64]";
      assertRefused(folder, "{", "{", file + ": tensor " + tensor + ": " + shapes);
      Files.move(own, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
