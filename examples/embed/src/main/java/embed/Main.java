package embed;

import dev.orrery.kernels.Backends;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** Walks into a world for a few blocks and keeps the last thing seen. */
public final class Main {
  private Main() {}

  /** Takes the model's folder and the image to write. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    RgbImage start = RgbImage.read(folder.resolve("start.png"));
    try (ChosenBackend chosen = Backends.auto();
        WorldModel model = Families.ALL.open(folder).load(chosen.backend());
        WorldSession session = model.start(start, 42)) {
      System.out.println("plays on " + chosen.backend().name() + ": " + chosen.reason());
      Controls controls = model.actionSpace().controls();
      session.step(controls.action(Set.of("l")));
      session.step(controls.action(Set.of("w")));
      VideoFrames frames = session.step(controls.action(Set.of("w")));
      frames.image(frames.count() - 1).writePng(Path.of(arguments[1]));
      System.out.println("saw " + model.description() + ", wrote " + arguments[1]);
    }
  }
}
