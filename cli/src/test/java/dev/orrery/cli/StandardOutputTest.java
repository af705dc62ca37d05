package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ResultStream;
import dev.orrery.model.Families;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that cannot be written are a failure of every command. */
class StandardOutputTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));

  @TempDir Path folder;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Takes a few bytes. */
  private static final class FullDisk extends OutputStream {
    private int room = 10;

    @Override
    public void write(int value) throws IOException {
      if (room-- <= 0) {
        throw new IOException("No space left on device");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "",
        "help generate",
        "generate --frames 1 --output FOLDER/a.gif",
        "info",
        "info --json",
        "weights",
        "weights synth --help",
        "weights verify DEMO",
        "weights inspect DEMO --tensors",
        "weights quantize DEMO/dit.safetensors FOLDER/a.safetensors --format int8",
        "weights convert DEMO/vae.safetensors FOLDER/b.safetensors"
      })
  void aFullDiskIsOneLineAndOneAndAClosedPipeIsQuiet(String line) throws IOException {
    assertEquals(1, run(line, false));
    List<String> failures = failures();
    assertEquals(
        List.of("orrery: the standard output cannot be written (No space left on device)"),
        failures);
    for (String made : List.of("a.safetensors", "b.safetensors")) {
      Files.deleteIfExists(folder.resolve(made));
    }
    err.reset();
    assertEquals(141, run(line, true));
    assertEquals(List.of(), failures());
  }

  private List<String> failures() {
    return err.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("orrery: "))
        .toList();
  }

  private int run(String line, boolean pipe) throws IOException {
    Path demo = ROOT.resolve("models/demo-world");
    boolean generate = line.startsWith("generate");
    if (generate) {
      demo = Files.createDirectories(folder.resolve("demo"));
      Files.copy(
          ROOT.resolve("models/demo-world/start.png"),
          demo.resolve("start.png"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Console console =
        new Console(
            new ResultStream(new FullDisk(), StandardCharsets.UTF_8, pipe),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    String arguments = line.replace("DEMO", demo.toString()).replace("FOLDER", folder.toString());
    return Orrery.run(
        new Environment(generate ? new FakeModels().families() : Families.ALL, demo, console),
        arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }
}
