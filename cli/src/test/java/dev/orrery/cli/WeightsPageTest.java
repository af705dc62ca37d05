package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ResultStream;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.genie1x.Genie1x;
import dev.orrery.model.oasis.Oasis;
import dev.orrery.model.vid2world.Vid2World;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.model.worldplayhy.WorldPlayHy;
import dev.orrery.weights.convert.TinyReleases;
import dev.orrery.weights.convert.TinyVid2World;
import dev.orrery.weights.torch.TorchFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of docs/weights.md is run as it stands there, with tiny releases. */
class WeightsPageTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final String PROGRAM = "    ./orrery weights ";

  @TempDir Path folder;

  @Test
  void everyCommandWorks() throws IOException {
    Path tiny = TinyReleases.synthetic(folder, WorldPlay.FAMILY);
    Path worldPlay = TinyReleases.worldPlay(folder, tiny);
    Path wan = TinyReleases.wan(folder, tiny);
    Files.move(tiny, folder.resolve("used"));
    Map<String, Path> downloads = new HashMap<>(Map.of("$worldplay", worldPlay, "$wan", wan));
    downloads.put("$game", TinyReleases.matrixGame2(folder));
    downloads.put("$oasis", oasis(Files.createDirectory(folder.resolve("etched"))));
    downloads.put("$genie", genie(Files.createDirectory(folder.resolve("1x"))));
    downloads.put("$vid2world", vid2World(Files.createDirectory(folder.resolve("thuml"))));
    List<Path> worldPlayHy =
        TinyReleases.worldPlayHy(
            folder,
            TinyReleases.synthetic(
                Files.createDirectory(folder.resolve("8b")), WorldPlayHy.FAMILY));
    downloads.put("$hy", worldPlayHy.get(0));
    downloads.put("$hunyuan", worldPlayHy.get(1));
    downloads.put("$qwen", worldPlayHy.get(2));
    Files.copy(worldPlay.resolve("wan_distilled_model/model.pt"), folder.resolve("model.pt"));
    TorchFiles.writeLightning(
        folder.resolve("magvit2.ckpt"), Map.of("net.w", Tensor.of(new float[] {1, 2}, 2)));
    List<String> commands = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/weights.md"))) {
      if (line.startsWith(PROGRAM)) {
        run(line.substring(PROGRAM.length()), downloads);
        commands.add(line.substring(PROGRAM.length()).split(" ")[0]);
      }
    }
    assertTrue(
        commands.containsAll(List.of("inspect", "convert", "verify", "synth", "quantize")),
        commands.toString());
  }

  private static Path oasis(Path root) throws IOException {
    Path tiny = TinyReleases.synthetic(root, Oasis.FAMILY);
    Path release = TinyReleases.oasis(root, tiny);
    // The sizes of a release are known; those of a smaller one stand beside it.
    Files.copy(tiny.resolve("config.json"), release.resolve("config.json"));
    return release;
  }

  private Path genie(Path root) throws IOException {
    Path tiny = TinyReleases.synthetic(root, Genie1x.FAMILY);
    Files.move(TinyReleases.magvit2(root, tiny), folder.resolve("magvit2-folder"));
    return tiny;
  }

  private static Path vid2World(Path root) throws IOException {
    return TinyVid2World.release(root, TinyReleases.synthetic(root, Vid2World.FAMILY));
  }

  private void run(String line, Map<String, Path> downloads) {
    List<String> arguments = new ArrayList<>(List.of("weights"));
    boolean afterOption = false;
    for (String word : line.replace("\"", "").split(" ")) {
      // Paths are the words that are no options, no value of one, and not the command.
      boolean file = word.endsWith(".sha256") || word.endsWith(".png");
      if (arguments.size() == 1 || word.startsWith("--") || afterOption && !file) {
        arguments.add(word);
      } else if (downloads.containsKey(word)) {
        arguments.add(downloads.get(word).toString());
      } else {
        Path base = word.startsWith("models/") ? ROOT : folder;
        arguments.add(base.resolve(word).toString());
      }
      afterOption = word.startsWith("--") && !word.matches("--tensors|--calibrate");
    }
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    ResultStream stream = new ResultStream(told, StandardCharsets.UTF_8, false);
    int code =
        Orrery.run(
            new Environment(
                Families.ALL,
                ROOT.resolve("models/demo-world"),
                new Console(stream, stream, false)),
            arguments.toArray(String[]::new));
    assertEquals(0, code, line + "\n" + told.toString(StandardCharsets.UTF_8));
  }
}
