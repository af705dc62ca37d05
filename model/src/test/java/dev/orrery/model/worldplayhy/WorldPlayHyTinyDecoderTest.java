package dev.orrery.model.worldplayhy;

import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.TinyDecoderTest;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.taehv.TinyTaehv;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** WorldPlay-8B with the tiny decoder for HunyuanVideo-1.5. */
class WorldPlayHyTinyDecoderTest extends TinyDecoderTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayHyWorld.in(modelFolder);
    TinyTaehv.addTo(modelFolder, "taehv1_5", TinyTaehv.config(4, 2), LatentDecoder.VAE);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Override
  protected ModelFolder open() {
    return WorldPlayHy.open(modelFolder);
  }

  @Override
  protected String wanted() {
    return "taehv1_5.safetensors, found none; docs/models/worldplay.md";
  }
}
