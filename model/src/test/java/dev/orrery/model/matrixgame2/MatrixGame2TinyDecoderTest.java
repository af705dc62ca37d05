package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.TinyDecoderTest;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.taehv.TinyTaehv;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Matrix-Game 2.0 with the tiny decoder for Wan 2.1. */
class MatrixGame2TinyDecoderTest extends TinyDecoderTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyMatrixGame2.in(modelFolder);
    TinyTaehv.addTo(modelFolder, "taew2_1", TinyTaehv.config(16, 1), LatentDecoder.VAE);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Override
  protected ModelFolder open() {
    return MatrixGame2.open(modelFolder);
  }

  @Override
  protected String wanted() {
    return "taew2_1.safetensors, found none; docs/models/matrix-game-2.md";
  }

  @Test
  void whatTheConfigurationSaysMustBeADecoder(@TempDir Path folder) throws Exception {
    TinyMatrixGame2.in(folder);
    Path config = folder.resolve("config.json");
    String settings = Files.readString(config);
    String before = settings.substring(0, settings.lastIndexOf('}'));
    assertRefused(
        config,
        before + ", \"decoder\": \"tae\"}",
        "decoder: expected vae or taehv, found \"tae\"");
    assertRefused(config, before + ", \"decoder\": 1}", "decoder: expected a string, found 1");
    assertRefused(
        config,
        before + ", \"taehv\": {\"widths\": [8, 8]}}",
        "taehv: expected positive latent channels, four positive widths and a positive patch, found"
            + " 16, [8, 8] and 1");
  }

  private static void assertRefused(Path config, String settings, String expected)
      throws Exception {
    Files.writeString(config, settings);
    assertEquals(
        config + ": " + expected,
        assertThrows(CheckpointException.class, () -> MatrixGame2.open(config.getParent()))
            .getMessage());
  }
}
