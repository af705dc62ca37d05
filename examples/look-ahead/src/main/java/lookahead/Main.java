package lookahead;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.play.Player;
import dev.orrery.play.PlayerListener;
import dev.orrery.play.PlayerOptions;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Walks where the world is most colourful: tries each way in a fork, then takes the best. */
public final class Main {
  private static final List<String> WAYS = List.of("w", "a", "j", "l");

  private Main() {}

  /** Takes the model's folder and the image to write. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Start start = Start.of(RgbImage.read(folder.resolve("start.png")), 42);
    PlayerOptions onlyWhenTold = new PlayerOptions(0, true);
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = Families.ALL.open(folder).load(backend);
        Player player = Player.start(model, start, onlyWhenTold, PlayerListener.NONE)) {
      StringBuilder went = new StringBuilder();
      VideoFrames[] seen = new VideoFrames[1];
      player.record((inputs, frames) -> seen[0] = frames.getLast()).join();
      for (int block = 0; block < 4; block++) {
        String best = WAYS.getFirst();
        double most = -1;
        for (String way : WAYS) {
          try (WorldSession fork = player.fork().join()) {
            double colour = colour(fork.step(model.actionSpace().controls().action(Set.of(way))));
            if (colour > most) {
              most = colour;
              best = way;
            }
          }
        }
        player.input().hold(List.of(best), 0);
        player.single().join();
        went.append(best);
      }
      seen[0].image(seen[0].count() - 1).writePng(Path.of(arguments[1]));
      System.out.println("went " + went + ", wrote " + arguments[1]);
    }
  }

  /** How far the last frame's colours are from grey, on average. */
  private static double colour(VideoFrames frames) {
    byte[] rgb = frames.image(frames.count() - 1).rgb();
    double sum = 0;
    for (int i = 0; i < rgb.length; i += 3) {
      sum += Math.abs((rgb[i] & 0xff) - (rgb[i + 2] & 0xff));
    }
    return sum / rgb.length;
  }
}
