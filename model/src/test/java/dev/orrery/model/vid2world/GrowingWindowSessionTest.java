package dev.orrery.model.vid2world;

import dev.orrery.model.session.FrameByFrameTest;
import dev.orrery.model.session.SyntheticWorld;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of a robot, whose past is latents, in a window that grows and then slides. */
class GrowingWindowSessionTest extends FrameByFrameTest {
  @TempDir static Path folder;

  private static SyntheticWorld tiny;

  /** A robot like RECON's, of three numbers, with a window of four frames. */
  static SyntheticWorld robot(Path folder) throws IOException {
    return robot(folder, 3);
  }

  /** A robot of so many numbers, as small as they come. */
  static SyntheticWorld robot(Path folder, int numbers) throws IOException {
    String first = numbers == 3 ? "dx" : "a1";
    String last = numbers == 3 ? "dyaw" : "a" + numbers;
    String script =
        String.format("%1$s=1*2 %1$s=-1+%2$s=2*2 %2$s=3*10 %1$s=9+%2$s=-9*60", first, last);
    return SyntheticWorld.write(
            Vid2World.FAMILY.syntheticVariant("robot"),
            folder,
            script,
            config ->
                config
                    .replaceFirst("\"image_size\": \\[[^]]*]", "\"image_size\": [2, 4]")
                    .replaceFirst(
                        "\"attention_resolutions\": \\[[^]]*]", "\"attention_resolutions\": []")
                    .replaceFirst("\"action_dim\": 3", "\"action_dim\": " + numbers))
        .onTheCpu();
  }

  @BeforeAll
  static void write() throws IOException {
    tiny = robot(folder);
  }

  @Override
  protected SyntheticWorld world() {
    return tiny;
  }

  /** Guidance lies between the passes of two steps. */
  @Override
  protected boolean reportsEveryGraph() {
    return false;
  }
}
