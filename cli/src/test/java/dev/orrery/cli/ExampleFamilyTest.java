package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.cli.example.ColourFamily;
import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.RgbImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A family that main knows nothing of is played, planned, listed and refused like any other. */
class ExampleFamilyTest {
  @TempDir Path folder;

  private final TestConsole console = new TestConsole();
  private Path model;

  @BeforeEach
  void writeModel() throws Exception {
    model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{\"family\": \"colours\", \"side\": 16}");
  }

  private int run(String... arguments) {
    List<ModelFamily> families = new ArrayList<>(Families.ALL.list());
    families.add(new ColourFamily());
    Environment environment = new Environment(new Families(families), model, console.console());
    return Orrery.run(environment, arguments);
  }

  @Test
  void isPlayed() throws Exception {
    Path video = folder.resolve("video");
    String folderName = model.toString();
    assertEquals(
        0,
        run(
            "generate",
            "--model",
            folderName,
            "--actions",
            "w*3 c*1 colder+warmth=0.25*2 SPACE",
            "--output",
            "" + video),
        console::err);
    int[] reds = {136, 144, 152, 144, 138, 132, 136};
    for (int i = 0; i < reds.length; i++) {
      RgbImage frame = RgbImage.read(video.resolve("frame-00000%d.png".formatted(i)));
      assertEquals(reds[i], frame.rgb()[0] & 0xff, "frame " + i);
    }
    assertTrue(console.err().contains("Colours, 16x16"), console::err);
  }

  @Test
  void isPlanned() {
    assertEquals(0, run("info", model.toString()), console::err);
    assertTrue(console.out().contains("Memory of Colours, MiB"), console::out);
  }

  @Test
  void tellsWhatPeopleCanDo() {
    assertEquals(0, run("info", model.toString()), console::err);
    String facts =
        """
          starts from  nothing
          keys         w warmer, c colder, space half as warm, q nothing
          axes         warmth -1 to 1 (towards red, 1 as much as the key)
        """;
    assertTrue(console.out().contains(facts), console::out);
    console.reset();
    assertEquals(0, run("info", "--json", model.toString()), console::err);
    JsonValue told =
        JsonValue.parse("info", console.out().getBytes(StandardCharsets.UTF_8)).get("model");
    assertEquals(List.of("warmer", "colder"), strings(told.get("switches")));
    assertEquals(List.of(), strings(told.get("choices")));
    assertArrayEquals(new double[] {-1, 1}, told.get("axes").numbers("warmth"));
    assertEquals("half as warm", told.get("keys").string("space"));
    assertEquals(1, told.integer("steps"));
  }

  private static List<String> strings(JsonValue list) {
    return list.asList().stream().map(JsonValue::asString).toList();
  }

  @Test
  void isListed() throws Exception {
    Files.writeString(model.resolve("config.json"), "{\"family\": \"sounds\"}");
    assertEquals(2, run("generate", "--model", model.toString()));
    assertEquals(
        "orrery: "
            + model.resolve("config.json")
            + ": expected a model of one of the families matrix-game-2, worldplay-wan5b,"
            + " worldplay-hy8b, oasis, genie-1xgpt, genie-jafar, vid2world, colours, found"
            + " sounds\n",
        console.err());
  }

  @Test
  void isRefused() throws Exception {
    Files.writeString(model.resolve("config.json"), "{\"family\": \"colours\", \"side\": 5000}");
    assertEquals(2, run("generate", "--model", model.toString()));
    assertEquals(
        "orrery: "
            + model.resolve("config.json")
            + ": side: expected at most 1024 pixels, found 5000\n",
        console.err());
    console.reset();
    assertEquals(2, run("generate", "--model", model.toString(), "--actions", "x"));
    assertTrue(console.err().contains("config.json: side: expected"), console::err);
    Files.writeString(model.resolve("config.json"), "{\"family\": \"colours\", \"side\": 16}");
    console.reset();
    assertEquals(2, run("generate", "--model", model.toString(), "--actions", "x"));
    assertTrue(
        console.err().contains("unknown key \"x\" at line 1, column 1; keys are w warmer"),
        console::err);
    console.reset();
    assertEquals(2, run("generate", "--model", model.toString(), "--camera", "w-3"));
    assertTrue(console.err().contains("--camera: the model has no camera"), console::err);
    console.reset();
    assertEquals(
        2,
        run(
            "encode-prompt",
            "--model",
            "" + model,
            "--prompt",
            "x",
            "--output",
            "" + folder.resolve("x.safetensors")));
    assertTrue(console.err().contains("the model takes no prompts"), console::err);
  }

  @Test
  void isForkedSavedAndResumed() {
    ModelFamily family = new ColourFamily();
    Path file = folder.resolve("world.safetensors");
    try (Backend backend = CpuBackend.simd(1);
        WorldModel world = family.open(model).load(backend, Progress.NONE);
        WorldSession session = world.start(seeded(3), Progress.NONE)) {
      Action warmer = world.actionSpace().controls().action(Set.of("w"));
      session.step(warmer);
      session.save(file, Progress.NONE);
      try (WorldSession fork = session.fork();
          WorldSession resumed = world.resume(file, Progress.NONE)) {
        byte[] expected = session.step(warmer).rgb();
        assertArrayEquals(expected, fork.step(warmer).rgb());
        assertArrayEquals(expected, resumed.step(warmer).rgb());
        assertEquals(2, resumed.chunk());
      }
    }
  }

  private static Start seeded(long seed) {
    return new Start(List.of(), Optional.empty(), seed);
  }

  /** What the page on adding a family shows is the code that is tested here. */
  @Test
  void thePageQuotesTheExample() throws Exception {
    Path root = Path.of(System.getProperty("project.root"));
    String page = Files.readString(root.resolve("docs/adding-a-family.md"));
    StringBuilder code = new StringBuilder();
    try (Stream<Path> files =
        Files.list(root.resolve("cli/src/test/java/dev/orrery/cli/example"))) {
      for (Path file : files.toList()) {
        code.append(Files.readString(file));
        String name = "`" + file.getFileName() + "`";
        assertTrue(page.contains(name), () -> "the page does not name " + name);
      }
    }
    String[] parts = page.split("```(java\n)?");
    assertTrue(parts.length >= 9, "the page has no code");
    for (int i = 1; i < parts.length; i += 2) {
      assertTrue(code.indexOf(parts[i]) >= 0, "not in the example:\n" + parts[i]);
    }
  }
}
