package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.model.Families;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands write is the same in the language of every machine, to the byte. */
class LocaleTest {
  private static final Path DEMO = Path.of(System.getProperty("project.root"), "models/demo-world");

  private static final List<String> COMMANDS =
      List.of(
          "generate --frames=3 --threads=1 --output=OUT/frames",
          "generate --frames=3 --threads=1 --fps=23.976 --scale=1 --output=OUT/a.gif",
          "generate --frames=2 --threads=1 --scale=1 --output=OUT/a.mp4",
          "generate --threads=0 --output=OUT/b.gif",
          "generate --fps=1234567 --output=OUT/b.gif",
          "generate --frames=12345678 --output=OUT/b.gif",
          "generate --actions=w*12345678 --output=OUT/b.gif",
          "generate --actions=w*3,I+J,x --output=OUT/b.gif",
          "generate --image=OUT/none.png --output=OUT/B.GIF",
          "generate --output=OUT/b.TIFF",
          "info",
          "info DEMO/dit.safetensors --tensors",
          "info --json",
          "weights verify DEMO --write-manifest OUT/demo.sha256",
          "weights synth --family matrix-game-2 --scale TINY --seed 1 OUT/tiny",
          "weights quantize DEMO/dit.safetensors OUT/dit.safetensors --format INT8",
          "weights quantize DEMO/dit.safetensors OUT/dit4.safetensors --format int4 --group 33",
          "weights convert DEMO/dit.safetensors OUT/shards.safetensors --shard-size 5MB");

  @TempDir static Path folder;

  private static final Locale OWN = Locale.getDefault();

  /** What all others must tell and write, too. */
  private static Run expected;

  @BeforeAll
  static void runWithoutLocale() throws IOException {
    expected = run(Locale.ROOT);
  }

  @AfterEach
  void restore() {
    Locale.setDefault(OWN);
  }

  /**
   * What a run told and wrote.
   *
   * @param told by command
   * @param files the bytes by path
   */
  private record Run(Map<String, String> told, Map<String, byte[]> files) {}

  /** These print other digits, separators and calendars, and i without a dot. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ar-EG",
        "tr-TR",
        "th-TH-u-ca-buddhist-nu-thai",
        "de-DE",
        "fa-IR",
        "hi-IN-u-nu-deva"
      })
  void everyOutputIsTheSame(String tag) throws IOException {
    Run found = run(Locale.forLanguageTag(tag));
    assertEquals(expected.told(), found.told());
    assertEquals(expected.files().keySet(), found.files().keySet());
    expected
        .files()
        .forEach((name, bytes) -> assertArrayEquals(bytes, found.files().get(name), name));
  }

  /** The messages of the library that reads the command line, in a process of its own. */
  @Test
  void theProgramItselfSpeaksOneLanguage() throws IOException, InterruptedException {
    String expected = program("en", "US");
    assertEquals(expected, program("ar", "EG"));
    assertEquals(expected, program("tr", "TR"));
    assertNotEquals("", expected);
  }

  private static Run run(Locale locale) throws IOException {
    Locale.setDefault(locale);
    Path out = Files.createDirectory(folder.resolve("out-" + locale.toLanguageTag()));
    Map<String, String> told = new TreeMap<>();
    for (String command : COMMANDS) {
      TestConsole console = new TestConsole();
      List<String> arguments = new ArrayList<>();
      for (String argument : command.split(" ")) {
        arguments.add(argument.replace("OUT", out.toString()).replace("DEMO", DEMO.toString()));
      }
      int code =
          Orrery.run(
              new Environment(Families.ALL, DEMO, console.console()),
              arguments.toArray(String[]::new));
      told.put(
          command,
          code + "\n" + timeless(console.err(), out) + "\n" + timeless(console.out(), out));
    }
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(out)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(out.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return new Run(told, files);
  }

  /** Without what depends on the time and on this process, if it is written with plain digits. */
  private static String timeless(String text, Path out) {
    return text.replace(out.toString(), "OUT")
        .lines()
        .filter(
            line ->
                !line.matches(
                    "(loading|encoding|making|quantising|converting|hashing|reading),? .*[0-9]"))
        .map(line -> line.replaceFirst("in [0-9]+\\.[0-9] s, [0-9]+\\.[0-9] frames", "in TIME"))
        .map(
            line -> line.replaceFirst("^(  (Java, as|once loaded|while playing)).* [0-9.,]+", "$1"))
        .map(line -> line.replaceFirst("^( *\"(java|playing)\" :) [0-9]+", "$1"))
        .map(line -> line.replaceFirst("^(  (in the first|once all) .*) [0-9.,]+ s$", "$1"))
        .map(line -> line.replaceFirst("(matrices reach) [0-9,]+", "$1"))
        .map(line -> line.replaceFirst("(operations_per_second\" :) [0-9.E]+", "$1"))
        .collect(Collectors.joining("\n"));
  }

  private static String program(String language, String country)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Duser.language=" + language,
                "-Duser.country=" + country,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "generate",
                "surplus",
                "--seed")
            .redirectErrorStream(true)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), told);
    return told;
  }
}
