package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.model.Families;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What there is to compute on, and devices that there are not. */
class DevicesCommandTest {
  private static final Path DEMO =
      Path.of(System.getProperty("project.root"), "models", "demo-world");

  /** No test of the command line is started with TornadoVM. */
  private static final String WITHOUT_TORNADO =
      "this Java was started without TornadoVM: set TORNADOVM_HOME to its folder, or start Java with"
          + " @$TORNADOVM_HOME/tornado-argfile";

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();

  private int run(String... arguments) {
    return Orrery.run(new Environment(Families.ALL, DEMO, console.console()), arguments);
  }

  @Test
  void listsEveryKindOrSaysWhyItIsMissing() {
    assertEquals(0, run("devices"));
    List<String> lines = console.out().lines().toList();
    assertTrue(
        lines
            .getFirst()
            .matches("cpu +\\d+ processors, vectors of \\d+ bits, [\\d.]+ GiB of memory"),
        lines.getFirst());
    assertTrue(lines.get(1).matches("cuda(:0)? +.+"), lines.get(1));
    assertEquals("tornado    none: " + WITHOUT_TORNADO, lines.getLast());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--backend tornado | --backend tornado: " + WITHOUT_TORNADO,
        "--backend tornado:1 | --backend tornado:1: " + WITHOUT_TORNADO,
        "--backend tornado:x | --backend: expected one of auto, cpu, cuda, cuda:N, tornado, tornado:N,"
            + " reference, found 'tornado:x'",
        "--backend tornado --cublas | --cublas: needs --backend cuda, found tornado"
      })
  void deviceThatIsNotThereIsOneLine(String options, String message) {
    Path output = folder.resolve("a.gif");
    String[] arguments = ("generate --frames 1 " + options + " --output " + output).split(" ");
    assertEquals(2, run(arguments));
    assertEquals("orrery: " + message, console.err().lines().toList().getLast());
    assertTrue(Files.notExists(output));
  }
}
