package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.TestConsole;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.Families;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlayCommandTest {
  private final FakeModels models = new FakeModels();
  private final TestConsole console = new TestConsole();

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    new RgbImage(1, 1, new byte[3]).writePng(folder.resolve("start.png"));
  }

  private int run(String... arguments) {
    Environment environment = new Environment(models.families(), folder, console.console());
    return Orrery.run(environment, arguments);
  }

  private void assertRefused(int code, String expected, String... arguments) {
    assertEquals(code, run(arguments), console.err());
    List<String> failures =
        console.err().lines().filter(line -> line.startsWith("orrery: ")).toList();
    assertEquals(1, failures.size(), console.err());
    assertTrue(failures.getFirst().contains(expected), failures.getFirst());
    assertTrue(console.err().lines().noneMatch(line -> line.startsWith("\tat ")), console.err());
    assertEquals(0, models.open);
  }

  @ParameterizedTest
  @CsvSource({
    "--port, 65536, '--port: expected 0 to 65535, found 65536'",
    "--port, -1, '--port: expected 0 to 65535, found -1'",
    "--port, http, expected a whole number",
    "--sessions, 0, '--sessions: expected 1 to 100, found 0'",
    "--rewind, much, expected a size such as",
    "--steps, 0, '--steps: expected 3, for which'",
    "--image, missing.png, missing.png",
    "--resume, missing.safetensors, missing.safetensors",
    "--host, 192.0.2.1, 'cannot listen at 192.0.2.1, port 0: '"
  })
  void optionsThatCannotBeUsed(String option, String value, String expected) {
    assertRefused(2, expected, "play", option, value);
    assertEquals("", console.out());
    assertEquals("", models.backends.toString(), "nothing was loaded");
  }

  @Test
  void aPortThatIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      assertRefused(2, "cannot listen at 127.0.0.1, port " + port + ": ", "play", "--port", port);
      assertEquals("", models.backends.toString(), "nothing was loaded");
    }
  }

  @Test
  void aWorldForWhichThereIsNoMemory() {
    models.beforeStart =
        () -> {
          throw new OutOfMemoryError("expected 9 GB");
        };
    assertRefused(1, "there is not enough memory: expected 9 GB", "play", "--backend", "reference");
    assertTrue(console.out().matches("http://127\\.0\\.0\\.1:\\d+/\n"), console.out());
  }

  @Test
  void helpTeaches() {
    assertEquals(0, run("play", "--help"));
    String help = console.out();
    assertTrue(
        help.matches("(?s)Examples:\n(  orrery play[^\n]*\n){3}\nUsage: orrery play .*"), help);
    for (String part :
        List.of("--host", "--port", "--open", "--sessions", "--rewind", "--resume", "token")) {
      assertTrue(help.contains(part), part);
    }
  }

  @Test
  void aBrowserNeedsADisplay() {
    Browser blind = new Browser("Linux", Map.of("DISPLAY", ""));
    String reason =
        Assertions.assertThrows(UnusableInputException.class, blind::requireDisplay).getMessage();
    assertTrue(reason.startsWith("--open: there is no display here"), reason);
    new Browser("Linux", Map.of("DISPLAY", ":0")).requireDisplay();
    new Browser("Linux", Map.of("WAYLAND_DISPLAY", "wayland-0")).requireDisplay();
    new Browser("Mac OS X", Map.of()).requireDisplay();
    new Browser("Windows 11", Map.of()).requireDisplay();
  }

  @ParameterizedTest
  @ValueSource(strings = {"loading weights", "http://"})
  @DisabledOnOs(OS.WINDOWS)
  void endsByCtrlCAndLeavesNothing(String working) throws Exception {
    long[] signalled = {0};
    InterruptedProcess process =
        InterruptedProcess.run(
            List.of("-Djava.io.tmpdir=" + folder),
            Demo.class,
            working,
            () -> {
              assertEquals(1, list().size(), "a temporary folder");
              signalled[0] = System.nanoTime();
            },
            System.getProperty("project.root"));
    double seconds = (System.nanoTime() - signalled[0]) / 1e9;
    assertEquals(130, process.code(), process.lines().toString());
    assertTrue(
        process.lines().stream().noneMatch(line -> line.startsWith("orrery:")),
        process.lines().toString());
    assertEquals(List.of(), list());
    // Two seconds on a machine that does nothing else; the world is being prepared for longer.
    assertTrue(seconds < 5, "ended after " + seconds + " s");
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("orrery-play-"))
          .toList();
    }
  }

  /** Plays the demo world. */
  static final class Demo {
    private Demo() {}

    public static void main(String[] arguments) {
      Path demo = Path.of(arguments[0]).resolve("models/demo-world");
      Environment environment = new Environment(Families.ALL, demo, Console.system());
      System.exit(Orrery.run(environment, "play"));
    }
  }
}
