package dev.orrery.model.jafar;

import dev.orrery.model.session.FrameByFrameTest;
import dev.orrery.model.session.SyntheticWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of jafar. */
class JafarSessionTest extends FrameByFrameTest {
  static final String SCRIPT = "0*2 3*2 1*3 5*30 2*20 4*9";

  @TempDir static Path folder;

  private static SyntheticWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Jafar.FAMILY, folder, SCRIPT);
  }

  /** The tiny model, whose frames are seen as the tokens of their pixels. */
  static SyntheticWorld retokenised(Path folder) throws IOException {
    SyntheticWorld world = SyntheticWorld.write(Jafar.FAMILY, folder, SCRIPT);
    Path config = folder.resolve(JafarConfig.FILE);
    Files.writeString(
        config, Files.readString(config).replaceFirst("[{]", "{ \"retokenise\": true,"));
    return world;
  }

  @Override
  protected SyntheticWorld world() {
    return tiny;
  }
}
