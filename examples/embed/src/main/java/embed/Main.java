package embed;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/** Walks into a world for a few blocks and keeps the last thing seen. */
public final class Main {
  private Main() {}

  /** Takes the model's folder and the image to write. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    RgbImage start = RgbImage.read(folder.resolve("start.png"));
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = Families.ALL.open(folder).load(backend, Progress.NONE);
        WorldSession session = model.start(start, 42, Progress.NONE)) {
      Action right = model.actionSpace().controls().action(Set.of("l"));
      Action forward = model.actionSpace().controls().action(Set.of("w"));
      session.step(right);
      session.step(forward);
      VideoFrames frames = session.step(forward);
      int frameBytes = 3 * frames.width() * frames.height();
      byte[] last =
          Arrays.copyOfRange(
              frames.rgb(), (frames.count() - 1) * frameBytes, frames.count() * frameBytes);
      new RgbImage(frames.width(), frames.height(), last).writePng(Path.of(arguments[1]));
      System.out.println("saw " + model.description() + ", wrote " + arguments[1]);
    }
  }
}
