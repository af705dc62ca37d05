package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.media.RgbImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C, in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class InterruptionTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"a.mp4, step", "a.gif, step", "frames, step", "a.mp4, start"})
  void leavesNothingAndEndsWith130(String name, String during) throws Exception {
    new RgbImage(1, 1, new byte[3]).writePng(folder.resolve("start.png"));
    Path results = Files.createDirectory(folder.resolve("results"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SlowWorld.class.getName(),
                folder.toString(),
                results.resolve(name).toString(),
                during)
            .redirectErrorStream(true)
            .start();
    List<String> told = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        told.add(line);
        if (line.equals("working")) {
          assertEquals(1, list(results).size(), "a temporary file");
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        }
      }
    }
    assertEquals(130, process.waitFor());
    assertTrue(told.contains("working"), told.toString());
    assertTrue(told.stream().noneMatch(line -> line.startsWith("orrery:")), told.toString());
    assertEquals(List.of(), list(results));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** Takes its time to start, or to make its second block. */
  static final class SlowWorld {
    private SlowWorld() {}

    public static void main(String[] arguments) {
      FakeModels models = new FakeModels();
      if (arguments[2].equals("start")) {
        models.beforeStart = SlowWorld::work;
      }
      models.beforeStep =
          block -> {
            if (block == 1) {
              work();
            }
          };
      Environment environment =
          new Environment(models.families(), Path.of(arguments[0]), System.out, System.err, false);
      System.exit(Orrery.run(environment, "generate", "--output", arguments[1]));
    }

    private static void work() {
      System.out.println("working");
      try {
        Thread.sleep(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
