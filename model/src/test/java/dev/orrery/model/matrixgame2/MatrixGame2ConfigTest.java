package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixGame2ConfigTest {
  private static final Path RELEASED = Path.of("src/test/resources/released");

  @TempDir Path folder;

  private static TinyModel tiny() {
    return new TinyModel(Variant.UNIVERSAL, 32, 48);
  }

  @Test
  void readsTheReleasedSizes() {
    MatrixGame2Config config = MatrixGame2Config.read(RELEASED.resolve("gta_distilled_model"));
    ActionConfig action = config.dit().action();
    Set<Integer> blocks = IntStream.range(0, 15).boxed().collect(Collectors.toSet());
    assertEquals(
        new ActionConfig(blocks, true, true, 16, 128, 1536, 2, 1024, 2, 1024, 8, 256, 4, 3),
        action);
    assertEquals(
        new MatrixGame2TransformerConfig(
            1536, 8960, 256, 12, 30, 36, 16, 1280, 1e-6, 2, 4, 0, action, AttentionPrecision.FLOAT),
        config.dit());
    assertEquals(3, config.framesPerChunk());
    assertEquals(5.0, config.timestepShift());
    assertEquals(List.of(1000, 666, 333), config.denoisingSteps());
    assertEquals(List.of(1, 2, 4, 4), config.vae().multipliers());
    assertEquals(96, config.vae().dim());
    assertEquals(257, config.imageEncoder().tokens());
    assertEquals(12, action.window());
    assertEquals(4, config.dit().maskChannels());
  }

  @Test
  void aRunnerHasNoMouse() {
    MatrixGame2Config config =
        MatrixGame2Config.read(RELEASED.resolve("templerun_distilled_model"));
    ActionConfig action = config.dit().action();
    assertFalse(action.enableMouse());
    assertEquals(List.of(7, 0), List.of(action.keyboardDim(), action.mouseDim()));
    assertEquals(List.of(1000, 750, 500, 250), config.denoisingSteps());
  }

  @Test
  void countsVideoFrames() {
    MatrixGame2Config config = MatrixGame2Config.read(RELEASED.resolve("base_distilled_model"));
    assertEquals(
        List.of(9, 12, 12), IntStream.range(0, 3).mapToObj(config::framesOfChunk).toList());
    assertArrayEquals(
        new long[] {0, 9, 21, 33},
        IntStream.range(0, 4).mapToLong(config::firstFrameOfChunk).toArray());
  }

  @Test
  void aSessionFileStandsBesideAReleasedConfiguration() throws Exception {
    Files.copy(RELEASED.resolve("base_distilled_model/config.json"), folder.resolve("config.json"));
    Files.writeString(
        folder.resolve("session.json"),
        """
        {"resolution": [64, 96], "denoising_step_list": [1000, 500], "num_frame_per_block": 2,
         "timestep_shift": 3, "warp_denoising_step": false, "context_noise": 20,
         "attention": "int8"}
        """);
    MatrixGame2Config config = MatrixGame2Config.read(folder);
    assertEquals(List.of(64, 96), List.of(config.height(), config.width()));
    assertEquals(List.of(1000, 500), config.denoisingSteps());
    assertEquals(2, config.framesPerChunk());
    assertEquals(3.0, config.timestepShift());
    assertFalse(config.warpSteps());
    assertEquals(20, config.contextNoise());
    assertEquals(24, config.tokensPerFrame());
    assertEquals(AttentionPrecision.INT8, config.dit().attention());
    assertEquals(
        "Matrix-Game 2.0 universal, 96x64, 2 denoising steps, attention in int8",
        MatrixGame2.open(folder).description());

    Path session = folder.resolve("session.json");
    Files.writeString(session, "{\"resolution\": [64, 90]}");
    refused(session + ": resolution: expected rows and columns", () -> read(folder));
    Files.writeString(session, "{\"variant\": \"templerun\"}");
    refused(
        session + ": variant: expected universal as the action_config says, found \"templerun\"",
        () -> read(folder));
    Files.writeString(session, "{\"vae\": {\"dim\": 16, \"z_dim\": 8}}");
    refused(session + ": vae: expected four stages", () -> read(folder));
    Files.writeString(session, "[");
    refused(session + ": invalid JSON at line 1", () -> read(folder));
  }

  @Test
  void aFolderWithoutConfigurationIsRefused() {
    refused(
        folder.resolve("config.json") + ": cannot be read: no such file or folder",
        () -> read(folder));
  }

  private static void read(Path folder) {
    MatrixGame2Config.read(folder);
  }

  /** One change to a valid configuration, and the key that the message names. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[32, 48]|[33, 48]|resolution: expected rows and columns that are multiples of 16",
        "[32, 48]|[32, 40]|resolution: expected rows and columns that are multiples of 16",
        "[32, 48]|[0, 48]|resolution: expected rows and columns",
        "[32, 48]|[-32, 48]|resolution: expected rows and columns",
        "[32, 48]|[65536, 65536]|resolution: expected rows and columns",
        "[32, 48]|[32]|resolution: expected [rows, columns], found [32]",
        "[32, 48]|[]|resolution: expected [rows, columns], found []",
        "[32, 48]|32|resolution: expected a list, found 32",
        "[32, 48]|[32, 48], \"family\": \"wan\"|family: expected matrix-game-2, found \"wan\"",
        "[32, 48]|[32, 48], \"variant\": \"gta_drive\"|variant: expected universal as the action",
        "[32, 48]|[32, 48], \"attention\": \"int8\"|attention: expected float for heads of 12 chan",
        "[32, 48]|[32, 48], \"attention\": \"fp4\"|attention: expected float or int8, found \"fp4\"",
        "[32, 48]|[32, 48], \"num_frame_per_block\": 7|num_frame_per_block: expected 1 to",
        "[32, 48]|[32, 48], \"num_frame_per_block\": 0|num_frame_per_block: expected 1 to",
        "[32, 48]|[32, 48], \"timestep_shift\": 0|timestep_shift: expected a positive number",
        "[32, 48]|[32, 48], \"context_noise\": -1|context_noise: expected a timestep from 0",
        "[32, 48]|[32, 48], \"denoising_step_list\": []|denoising_step_list: expected falling",
        "[32, 48]|[32, 48], \"denoising_step_list\": [500, 500]|denoising_step_list: expected",
        "[32, 48]|[32, 48], \"denoising_step_list\": [250, 500]|denoising_step_list: expected",
        "[32, 48]|[32, 48], \"denoising_step_list\": [1001]|denoising_step_list: expected falling",
        "[32, 48]|[32, 48], \"denoising_step_list\": [5, 0]|denoising_step_list: expected falling",
        "[32, 48]|[32, 48], \"denoising_step_list\": 4|denoising_step_list: expected a list",
        "\"local_attn_size\": 6|\"local_attn_size\": 2|num_frame_per_block: expected 1 to",
        "\"local_attn_size\": 6|\"local_attn_size\": -1|local_attn_size: expected a positive",
        "\"local_attn_size\": 6|\"local_attn_size\": 2147483647|local_attn_size: expected at most",
        "\"local_attn_size\": 6|\"sink_size\": 6, \"local_attn_size\": 6|sink_size: expected 0 or",
        "\"local_attn_size\": 6|\"sink_size\": 4, \"local_attn_size\": 6|num_frame_per_block: exp",
        "\"num_heads\": 2|\"num_heads\": 5|num_heads: expected a divisor of dim = 24",
        "\"num_heads\": 2|\"num_heads\": 8|num_heads: expected a divisor of dim = 24",
        "\"num_heads\": 2|\"heads\": 2|num_heads: expected an integer, found nothing",
        "\"freq_dim\": 16|\"freq_dim\": 16, \"patch_size\": [2, 2, 2]|patch_size: expected [1, p",
        "\"num_heads\": 2|\"num_heads\": 2, \"eps\": 0|eps: expected a positive number, found 0",
        "\"num_heads\": 2|\"num_heads\": 2, \"qk_norm\": false|qk_norm: expected true, found false",
        "\"i2v\"|\"t2v\"|model_type: expected i2v, found \"t2v\"",
        "\"freq_dim\": 16|\"freq_dim\": 15|freq_dim: expected an even number, found 15",
        "\"in_dim\": 36|\"in_dim\": 32|in_dim: expected two latents of 16 channels and a mask of 4",
        "\"out_dim\": 16|\"out_dim\": 8|in_dim: expected two latents of 16 channels",
        "\"img_dim\": 8|\"img_dim\": 9|img_dim: expected the image encoder's dim = 8, found 9",
        "\"blocks\": [0]|\"blocks\": [0, 2]|action_config.blocks: expected blocks from 0 to 1",
        "\"heads_num\": 2|\"heads_num\": 3|action_config.keyboard_hidden_dim: expected 3 heads of",
        "\"img_hidden_size\": 24|\"img_hidden_size\": 8|action_config.img_hidden_size: expected d",
        "[4, 4, 4]|[3, 4, 5]|action_config.rope_dim_list: expected three sizes, the first even",
        "[4, 4, 4]|[20, -4, -4]|action_config.rope_dim_list: expected three sizes",
        "\"rope_theta\": 256|\"rope_theta\": 0|action_config.rope_theta: expected a positive",
        "\"keyboard_dim_in\": 4|\"keyboard_dim_in\": 5|action_config: expected 4 keys and a mouse",
        "_ratio\": 4|_ratio\": 8|action_config.vae_time_compression_ratio: expected 4, found 8",
        "\"num_res_blocks\": 1|\"num_res_blocks\": 0|vae: expected four stages",
        "\"num_res_blocks\": 1|\"dim_mult\": [1, 2, 4]|vae: expected four stages",
        "\"num_res_blocks\": 1|\"dim_mult\": [1, -2, 4, 4]|vae: expected four stages",
        "\"num_res_blocks\": 1|\"latents_std\": [1, 2]|vae: expected four stages",
        "\"image_size\": 28|\"image_size\": 30|image encoder: expected an image of whole patches",
      })
  void refusesWhatGivesNoModel(String from, String to, String expected) {
    TinyModel tiny = tiny();
    String dit = tiny.dit.replace(from, to);
    String session = tiny.session.replace(from, to);
    assertFalse(dit.equals(tiny.dit) && session.equals(tiny.session), "nothing changed");
    JsonValue settings = TinyModel.json("{" + session + "}");
    refused(
        "config.json: " + expected, () -> MatrixGame2Config.read(settings, TinyModel.json(dit)));
  }

  private static void refused(String expected, Runnable reading) {
    String message = assertThrows(CheckpointException.class, reading::run).getMessage();
    assertEquals(expected, message.substring(0, Math.min(expected.length(), message.length())));
    assertEquals(1, message.lines().count());
  }
}
