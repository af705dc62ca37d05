package dev.orrery.model.worldplay;

import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.TinyDecoderTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** WorldPlay-5B with the tiny decoder for Wan 2.2. */
class WorldPlayTinyDecoderTest extends TinyDecoderTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayWorld.in(modelFolder, LatentDecoder.VAE);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Override
  protected ModelFolder open() {
    return WorldPlay.open(modelFolder);
  }

  @Override
  protected String wanted() {
    return "taew2_2.safetensors, found none; docs/models/worldplay.md";
  }
}
