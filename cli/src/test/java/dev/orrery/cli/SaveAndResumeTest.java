package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.model.session.SavedSession;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options around saved sessions; {@link ResumedWorldTest} compares bytes. */
class SaveAndResumeTest {
  @TempDir Path folder;

  private final FakeModels models = new FakeModels();
  private final TestConsole console = new TestConsole();
  private Path demo;
  private Path results;
  private Path saved;

  @BeforeEach
  void makeDemo() throws IOException {
    demo = Files.createDirectory(folder.resolve("demo"));
    results = Files.createDirectory(folder.resolve("results"));
    saved = folder.resolve("world.safetensors");
    byte[] rgb = new byte[3 * 20 * 10];
    Arrays.fill(rgb, (byte) 77);
    new RgbImage(20, 10, rgb).writePng(demo.resolve("start.png"));
  }

  private int run(String... arguments) {
    Environment environment = new Environment(models.families(), demo, console.console());
    return Orrery.run(environment, arguments);
  }

  /** Chunks of 9, 12 and 12 frames; 5 of the second one are in the video, and 12 were made. */
  @Test
  void aWorldIsKeptAfterWholeChunks() throws IOException {
    Path first = results.resolve("first");
    assertEquals(
        0,
        run("generate", "--seed=13", "--frames=14", "--save=" + saved, "--output=" + first),
        console::err);
    assertEquals(first + "\n", console.out());
    String told = console.err();
    assertTrue(told.contains("\nsaved   " + saved + ", the world after 2 chunks\n"), told);
    assertTrue(
        told.contains("next    from there on: orrery generate --resume " + saved + " --out"), told);
    console.reset();
    Path second = results.resolve("second");
    assertEquals(
        0,
        run("generate", "--resume=" + saved, "--actions=l", "--chunks=2", "--output=" + second),
        console::err);
    told = console.err();
    assertTrue(
        told.contains("\nseed    13, 3 steps, going on after 2 chunks of " + saved + "\n"), told);
    assertTrue(told.contains("\nnext    keep the world again with --save; "), told);
    assertEquals(24, count(second));
    RgbImage frame = RgbImage.read(second.resolve("frame-000023.png"));
    assertArrayEquals(
        new byte[] {(byte) FakeModels.red("l"), 13, 77}, Arrays.copyOf(frame.rgb(), 3));
    assertEquals(0, models.open);
  }

  /** The tour begins at its beginning, whatever was played before. */
  @Test
  void theDemosActionsStillApply() throws IOException {
    assertEquals(0, run("generate", "--chunks=1", "--save=" + saved, "--output=" + file("a")));
    assertEquals(0, run("generate", "--resume=" + saved, "--output=" + file("b")), console::err);
    assertEquals(200, count(file("b")));
    RgbImage frame = RgbImage.read(file("b").resolve("frame-000019.png"));
    assertEquals(FakeModels.red("d"), frame.rgb()[0] & 255);
    frame = RgbImage.read(file("b").resolve("frame-000020.png"));
    assertEquals(FakeModels.red("l"), frame.rgb()[0] & 255);
  }

  @Test
  void aWorldIsKeptOverItself() {
    String save = "--save=" + saved;
    assertEquals(0, run("generate", "--chunks=1", save, "--output=" + file("a")));
    for (int i = 2; i < 4; i++) {
      Path output = file("a" + i);
      String resume = "--resume=" + saved;
      assertEquals(
          0, run("generate", resume, save, "--chunks=1", "--output=" + output), console::err);
      try (SavedSession session = SavedSession.open(saved)) {
        assertEquals(i, session.description().chunk());
      }
    }
  }

  @Test
  void stepsAreThoseOfTheSession() {
    models.fixedSteps = null;
    assertEquals(
        0, run("generate", "--steps=7", "--chunks=1", "--save=" + saved, "--output=" + file("a")));
    console.reset();
    assertEquals(0, run("generate", "--resume=" + saved, "--output=" + file("b")), console::err);
    assertTrue(console.err().contains("\nseed    42, 7 steps, going on after 1"), console.err());
    models.fixedSteps = 3;
    console.reset();
    assertEquals(2, run("generate", "--resume=" + saved, "--output=" + file("c")));
    assertOneLine(saved + ": steps: expected 3, for which the model is made, found 7");
    assertFalse(Files.exists(file("c")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--seed=3|--seed",
        "--seed=42|--seed",
        "--image=a.png|--image",
        "--tokens=a.safetensors|--tokens",
        "--prompt=x|--prompt",
        "--steps=3|--steps",
        "--decoder=vae|--decoder",
        "--seed=3 --image=a.png --prompt=p|--image, --prompt, --seed",
      })
  void whatASessionHasIsNotGivenAgain(String options, String named) throws IOException {
    String[] arguments =
        ("generate --resume=none.safetensors " + options + " --output=" + file("a")).split(" ");
    assertEquals(2, run(arguments));
    assertOneLine("--resume: a saved session has its own; leave " + named + " out");
    assertNothingWritten();
  }

  @Test
  void whatIsNoSessionIsRefusedBeforeTheModelLoads() throws IOException {
    Path none = folder.resolve("none.safetensors");
    assertRefused(none, "none.safetensors: cannot be read: no such file or folder");
    assertRefused(demo.resolve("start.png"), "start.png: expected a safetensors file, found a PNG");
    assertEquals(0, run("generate", "--chunks=1", "--save=" + saved, "--output=" + file("a")));
    byte[] whole = Files.readAllBytes(saved);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    for (String[] change :
        new String[][] {
          {"fake", "fane", "family: expected fake, found fane"},
          {"Fake, 32", "Fake, 23", "model: expected Fake, 32x16, found Fake, 23x16"},
          {"orrery.session.1", "orrery.session.9", "expected a saved session, format orrery.se"},
        }) {
      Files.write(saved, text.replace(change[0], change[1]).getBytes(StandardCharsets.ISO_8859_1));
      assertRefused(saved, saved + ": " + change[2]);
    }
    Files.write(saved, Arrays.copyOf(whole, whole.length - 1));
    assertRefused(saved, saved + ": ");
  }

  private void assertRefused(Path session, String expected) {
    models.backends.setLength(0);
    console.reset();
    assertEquals(2, run("generate", "--resume=" + session, "--output=" + file("refused")));
    assertOneLine(expected);
    assertEquals("", models.backends.toString(), "the model was loaded");
    assertFalse(Files.exists(file("refused")));
  }

  @Test
  void whereNothingCanBeKeptIsSaidBeforeTheModelLoads() throws IOException {
    Path missing = folder.resolve("none/world.safetensors");
    assertEquals(1, run("generate", "--save=" + missing, "--output=" + file("a")));
    assertOneLine(missing + ": the folder " + missing.getParent() + " does not exist");
    console.reset();
    assertEquals(2, run("generate", "--save=" + folder.resolve("a.bin"), "--output=" + file("a")));
    assertOneLine("--save: expected a name that ends in .safetensors, found " + folder);
    assertEquals("", models.backends.toString());
    assertNothingWritten();
  }

  /** What cannot be kept in the end leaves no video either. */
  @Test
  void aWorldThatCannotBeKeptIsAFailure() throws IOException {
    Path kept = Files.createDirectory(folder.resolve("kept"));
    models.beforeSave =
        () -> {
          try {
            Files.delete(kept);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    Path target = kept.resolve("world.safetensors");
    assertEquals(1, run("generate", "--save=" + target, "--output=" + file("a")));
    String last = console.err().lines().toList().getLast();
    assertEquals("orrery: " + target + ": cannot be written: no such file or folder", last);
    assertNothingWritten();
    assertEquals(0, models.open);
  }

  @Test
  void infoTellsWhatASessionIs() throws IOException {
    String save = "--save=" + saved;
    assertEquals(0, run("generate", "--seed=5", "--chunks=3", save, "--output=" + file("a")));
    console.reset();
    assertEquals(0, run("info", saved.toString()), console::err);
    String told = console.out();
    assertTrue(
        told.startsWith(
            """
            Saved session of Fake, 32x16
              family       fake
              made         3 chunks, 33 frames, 1.32 s
              seed         5
              steps        3
              decoder      vae
              video        32x16
              made on      cpu ("""),
        told);
    assertTrue(told.contains("), transformer in F32, autoencoder in F32\n"), told);
    assertTrue(told.endsWith("\n  size         16 B in 2 tensors\n"), told);
    console.reset();
    assertEquals(0, run("info", saved.toString(), "--tensors"));
    assertTrue(console.out().startsWith(told + "\n"), console.out());
    assertTrue(console.out().contains("chunk"), console.out());
    console.reset();
    assertEquals(0, run("info", saved.toString(), "--json"));
    JsonValue json = JsonValue.parse("info", console.out().getBytes(StandardCharsets.UTF_8));
    assertEquals(33, json.get("session").integer("frames"));
    assertEquals("fake", json.get("session").string("family"));
    assertEquals(2, json.get("total").integer("tensors"));
  }

  @Test
  void infoSaysInOneLineWhatIsWrong() throws IOException {
    assertEquals(0, run("generate", "--chunks=1", "--save=" + saved, "--output=" + file("a")));
    byte[] whole = Files.readAllBytes(saved);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    for (String[] change :
        new String[][] {
          {"orrery.session.1", "orrery.session.9", "expected a saved session, format orrery.sess"},
          {"seed", "sead", "seed: expected an integer, found nothing"},
          {"\\\"chunk\\\"", "\\\"chunk\\,", "invalid JSON"},
        }) {
      assertTrue(text.contains(change[0]), text);
      Files.write(saved, text.replace(change[0], change[1]).getBytes(StandardCharsets.ISO_8859_1));
      assertInfoRefuses(change[2]);
    }
    Files.write(saved, Arrays.copyOf(whole, 100));
    assertInfoRefuses("");
    Files.write(saved, Arrays.copyOf(whole, whole.length - 1));
    assertInfoRefuses("");
  }

  private void assertInfoRefuses(String expected) {
    console.reset();
    assertEquals(2, run("info", saved.toString()));
    assertOneLine(saved + ": " + expected);
    assertEquals("", console.out());
  }

  @Test
  void helpTellsOfBoth() {
    assertEquals(0, run("generate", "--help"));
    String help = console.out().replaceAll("\\s+", " ");
    assertTrue(help.contains("--save=FILE.safetensors Keep the world as it is in the end"), help);
    assertTrue(help.contains("That is after whole chunks"), help);
    assertTrue(help.contains("--resume=FILE.safetensors Go on in the world that --save"), help);
  }

  private Path file(String name) {
    return results.resolve(name);
  }

  private static long count(Path frames) throws IOException {
    try (Stream<Path> files = Files.list(frames)) {
      return files.count();
    }
  }

  private void assertOneLine(String expected) {
    List<String> lines = console.err().lines().toList();
    assertEquals(1, lines.size(), console.err());
    assertTrue(
        lines.getFirst().startsWith("orrery: ") && lines.getFirst().contains(expected),
        console.err());
  }

  private void assertNothingWritten() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      assertEquals(List.of(), files.toList());
    }
    assertFalse(Files.exists(saved));
  }
}
