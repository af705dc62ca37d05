package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.PlayerOptions;
import dev.orrery.play.server.PlayServer;
import dev.orrery.play.server.PlayedModel;
import dev.orrery.play.server.ServerOptions;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Plays the demo world and presses keys at random times: how long until frames answer them, in the
 * program and over a socket of the own machine. Stores {@code benchmarks/results/cpu/latency.json}
 * and writes {@code docs/performance.md} anew.
 */
public final class LatencyReport {
  private LatencyReport() {}

  /**
   * Runs the report.
   *
   * @param args the root of the checkout, and how often a key is pressed
   */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args.length > 0 ? args[0] : "");
    int keys = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    Path folder = root.resolve("models/demo-world");
    int threads = Runtime.getRuntime().availableProcessors();
    ModelFolder opened = Families.ALL.open(folder);
    Start start = Start.of(RgbImage.read(folder.resolve("start.png")), 42);
    List<String> rows;
    try (Backend backend = CpuBackend.simd(threads);
        WorldModel model = opened.load(backend, Progress.NONE)) {
      PlayLatency inProgram = PlayLatency.ofPlayer(model, start, keys);
      PlayLatency overSocket;
      ServerOptions options = new ServerOptions("127.0.0.1", 0, 1, PlayerOptions.DEFAULT);
      try (PlayServer server = PlayServer.listen(options)) {
        server.play(
            new PlayedModel(
                model,
                opened.startRequirements(),
                PlayedModel.Beginning.of(start),
                Optional.empty(),
                new PlayedModel.BackendChoice(backend.name(), "")),
            Progress.NONE);
        overSocket = PlayLatency.ofSocket(server.address(), model, keys);
      }
      rows =
          List.of(
              inProgram.row("input read to first frame, in the program", inProgram.read(), false),
              inProgram.row("key to first frame, in the program", inProgram.pressed(), true),
              overSocket.row("key to first frame, over loopback", overSocket.pressed(), true));
    }
    Path out = root.resolve(PerformancePage.RESULTS).resolve("latency.json");
    Files.writeString(
        out,
        String.format(
            Locale.ROOT,
            "{\n  \"machine\": %s,\n  \"keys\": %d,\n  \"latencies\": [\n%s\n  ]\n}\n",
            Machine.here(threads).json(),
            keys,
            String.join(",\n", rows)));
    PerformancePage.write(root);
  }
}
