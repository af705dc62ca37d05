package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.Interruption;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @CsvSource({
    "a.mp4, step",
    "a.gif, step",
    "frames, step",
    "a.mp4, open",
    "a.mp4, start",
    "a.gif, save"
  })
  void leavesNothingAndEndsWith130(String name, String during) throws Exception {
    new RgbImage(1, 1, new byte[3]).writePng(folder.resolve("start.png"));
    Path results = Files.createDirectory(folder.resolve("results"));
    InterruptedProcess process =
        InterruptedProcess.run(
            SlowWorld.class,
            "working",
            () -> assertEquals(1, list(results).size(), "a temporary file"),
            folder.toString(),
            results.resolve(name).toString(),
            during,
            results.resolve("world.safetensors").toString());
    List<String> lines = process.lines();
    assertEquals(130, process.code(), lines.toString());
    assertTrue(lines.contains("working"), lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("orrery:")), lines.toString());
    assertEquals(List.of(), list(results));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /**
   * Works when its video is being opened, or takes its time to start, to make its second block or
   * before it is saved.
   */
  static final class SlowWorld {
    private SlowWorld() {}

    public static void main(String[] arguments) {
      FakeModels models = new FakeModels();
      if (arguments[2].equals("open")) {
        Thread.ofPlatform().daemon().start(() -> awaitFile(Path.of(arguments[1]).getParent()));
        models.beforeStart = SlowWorld::rest;
      }
      if (arguments[2].equals("start")) {
        models.beforeStart = SlowWorld::work;
      }
      if (arguments[2].equals("save")) {
        models.beforeSave = SlowWorld::workUntilInterrupted;
      }
      models.beforeStep =
          block -> {
            if (block == 1 && arguments[2].equals("step")) {
              work();
            }
          };
      Environment environment =
          new Environment(models.families(), Path.of(arguments[0]), Console.system());
      System.exit(
          Orrery.run(environment, "generate", "--output", arguments[1], "--save", arguments[3]));
    }

    private static void workUntilInterrupted() {
      System.out.println("working");
      while (!Interruption.happened()) {
        Thread.onSpinWait();
      }
    }

    /** Says so as soon as there is one, before the encoder is loaded that will write it. */
    private static void awaitFile(Path folder) {
      try {
        while (list(folder).isEmpty()) {
          Thread.onSpinWait();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      System.out.println("working");
    }

    private static void work() {
      System.out.println("working");
      rest();
    }

    private static void rest() {
      try {
        Thread.sleep(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
