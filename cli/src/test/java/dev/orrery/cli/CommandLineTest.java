package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir Path folder;

  private final FakeModels models = new FakeModels();
  private final TestConsole console = new TestConsole();
  private Path demo;
  private Path results;

  @BeforeEach
  void makeDemo() throws IOException {
    demo = Files.createDirectory(folder.resolve("demo"));
    results = Files.createDirectory(folder.resolve("results"));
    image((byte) 7).writePng(demo.resolve("start.png"));
  }

  @Test
  void withoutOptionsItMakesTheDemo() throws IOException {
    Path file = results.resolve("a.gif");
    assertEquals(0, run("generate", "--output", file.toString()));
    assertEquals(file + "\n", console.out());
    String told = console.err();
    assertTrue(told.contains("model   Fake, 32x16 (cpu, "), told);
    assertTrue(told.contains("seed    42, 3 steps\n"), told);
    assertTrue(
        told.contains("200 frames of 384x192 at 25 per second, enlarged 12 times; --scale 1"),
        told);
    assertTrue(told.contains("making frames: 200 of 200"), told);
    assertTrue(told.contains("frames per second"), told);
    assertTrue(told.endsWith("walk.gif\n") && told.contains("\nnext    keys of your own: "), told);
    assertTrue(Files.size(file) > 1000);
    assertEquals(0, models.open);
  }

  @Test
  void everyOptionArrives() throws IOException {
    Path script = Files.writeString(folder.resolve("tour.txt"), "w*5 # go\nw+l*3\n");
    Path picture = folder.resolve("image.png");
    image((byte) 99).writePng(picture);
    // Larger and smooth; a picture of one colour stays one.
    Path frames = results.resolve("frames");
    int code =
        run(
            "generate",
            "--model=" + demo,
            "--image=" + picture,
            "--actions",
            "@" + script,
            "--seed=13",
            "--frames=11",
            "--fps=30000/1001",
            "--scale=2",
            "--backend=reference",
            "--threads=2",
            "--output=" + frames);
    assertEquals(0, code, console.err());
    assertEquals("reference ", models.backends.toString());
    assertTrue(console.err().contains("(reference, 2 threads)"));
    assertTrue(console.err().contains("11 frames of 64x32 at 30000/1001 per second"));
    for (int i = 0; i < 11; i++) {
      RgbImage frame = RgbImage.read(frames.resolve("frame-%06d.png".formatted(i)));
      byte red = (byte) FakeModels.red(i < 5 ? "w" : "lw");
      assertArrayEquals(new byte[] {red, 13, 99}, Arrays.copyOf(frame.rgb(), 3));
      assertEquals(64, frame.width());
    }
    assertFalse(Files.exists(frames.resolve("frame-000011.png")));
  }

  @ParameterizedTest
  @CsvSource({"--chunks=1, 9", "--blocks=3, 33", "--frames=1, 1", "--frames=10, 10"})
  void lengthIsWhatWasAskedFor(String option, int expected) throws IOException {
    Path frames = results.resolve("frames");
    assertEquals(0, run("generate", "--actions=w*2", option, "--output=" + frames));
    try (Stream<Path> files = Files.list(frames)) {
      assertEquals(expected, files.count());
    }
  }

  @Test
  void otherModelsHoldTheirFirstKey() throws IOException {
    Path frames = results.resolve("frames");
    assertEquals(0, run("generate", "--model=" + demo, "--output=" + frames));
    RgbImage last = RgbImage.read(frames.resolve("frame-000035.png"));
    assertEquals(FakeModels.red("w"), last.rgb()[0] & 255);
    assertFalse(Files.exists(frames.resolve("frame-000036.png")));
  }

  @Test
  void modelsWithoutKeysGoOnByThemselves() throws IOException {
    models.keys = "";
    Path frames = results.resolve("frames");
    assertEquals(2, run("generate", "--output=" + frames), console::err);
    assertOneLine("--frames: needed for a model that goes on by itself; or --chunks");
    console.reset();
    assertEquals(2, run("generate", "--actions=w", "--output=" + frames));
    assertOneLine("actions: the model goes on by itself and takes none");
    Path recording = Files.writeString(folder.resolve("walk.json"), "[]");
    console.reset();
    assertEquals(2, run("generate", "--actions=@" + recording, "--output=" + frames));
    assertOneLine("actions: the model goes on by itself and takes none");
    assertNothingWritten();
    assertEquals(0, run("generate", "--frames=12", "--output=" + frames), console::err);
    RgbImage last = RgbImage.read(frames.resolve("frame-000011.png"));
    assertEquals(FakeModels.red(""), last.rgb()[0] & 255);
    assertFalse(Files.exists(frames.resolve("frame-000012.png")));
    assertEquals(
        0, run("generate", "--chunks=2", "--output=" + results.resolve("more")), console::err);
    assertTrue(Files.exists(results.resolve("more/frame-000020.png")));
  }

  @Test
  void recordedActionsArePlayed() throws IOException {
    Path recording = folder.resolve("walk.jsonl");
    Files.writeString(
        recording, "{\"keys\": [\"w\"]}\n{\"keys\": []}\n{\"keys\": [\"W\", \"l\"]}\n");
    Path frames = results.resolve("frames");
    assertEquals(0, run("generate", "--actions=@" + recording, "--output=" + frames), console::err);
    String[] expected = {"w", "", "lw"};
    for (int i = 0; i < expected.length; i++) {
      RgbImage frame = RgbImage.read(frames.resolve("frame-%06d.png".formatted(i)));
      assertEquals(FakeModels.red(expected[i]), frame.rgb()[0] & 255, "frame " + i);
    }
    assertFalse(Files.exists(frames.resolve("frame-000003.png")));
    Path list = folder.resolve("walk.JSON");
    Files.writeString(list, "[{\"keys\": [\"w\"]}, {\"keys\": [\"x\"]}]");
    Path video = results.resolve("a.gif");
    console.reset();
    assertEquals(2, run("generate", "--actions=@" + list, "--output=" + video));
    assertOneLine(list + ": frame 1: keys[0]: expected what the model knows (keys are w key w, s");
    Files.writeString(list, "[{\"keys\": [\"w\"]}, {\"keys\"");
    console.reset();
    assertEquals(2, run("generate", "--actions=@" + list, "--output=" + video));
    assertOneLine(list + ": frame 1: invalid JSON at line 1, column ");
    console.reset();
    assertEquals(2, run("generate", "--actions=@none.json", "--output=" + video));
    assertOneLine("none.json: cannot be read: no such file or folder");
    assertFalse(Files.exists(video));
  }

  @Test
  void severalImagesStartAWorld() throws IOException {
    models.start = StartRequirements.of(FakeModels.WIDTH, FakeModels.HEIGHT).withImages(2, 3);
    Path row = Files.createDirectory(folder.resolve("row"));
    for (int i = 9; i < 12; i++) {
      image((byte) i).writePng(row.resolve(i + ".png"));
    }
    Path video = results.resolve("a.gif");
    assertEquals(2, run("generate", "--output=" + video));
    assertOneLine("start: expected 2 to 3 images, found 1");
    console.reset();
    String first = "--image=" + demo.resolve("start.png");
    assertEquals(2, run("generate", first, "--image=" + row, "--output=" + video));
    assertOneLine("start: expected 2 to 3 images, found 4");
    Files.delete(demo.resolve("start.png"));
    console.reset();
    assertEquals(2, run("generate", "--output=" + video));
    assertOneLine(demo + ": has no start.png or start/ to begin with; name images with --image");
    assertNothingWritten();
    Path frames = results.resolve("frames");
    assertEquals(
        0, run("generate", "--frames=1", "--image=" + row, "--output=" + frames), console::err);
    assertEquals(11, RgbImage.read(frames.resolve("frame-000000.png")).rgb()[2]);
    assertFalse(Files.exists(frames.resolve("frame-000001.png")));
    Files.move(row, demo.resolve("start"));
    console.reset();
    assertEquals(0, run("generate", "--frames=1", "--output=" + video), console::err);
    Files.delete(demo.resolve("start").resolve("10.png"));
    console.reset();
    assertEquals(2, run("generate", "--frames=1", "--output=" + video), console::err);
    assertOneLine(demo.resolve("start") + ": expected number 10 after 9.png, found 11.png");
  }

  @Test
  void tokensStartAWorld() throws IOException {
    Path tokens = folder.resolve("tokens.safetensors");
    SafetensorsWriter.write(
        tokens,
        Map.of(
            "tokens",
            Tensor.host(DType.I32, Shape.of(1, 1, 2), MemorySegment.ofArray(new int[] {44, 63}))),
        Map.of());
    Path frames = results.resolve("frames");
    String option = "--tokens=" + tokens;
    assertEquals(2, run("generate", option, "--output=" + frames));
    assertOneLine("--tokens: the model takes no tokens; name images");
    models.start = models.start.withTokens(new StartRequirements.Tokens(1, 1, 1, 2, 64));
    console.reset();
    String image = "--image=" + demo.resolve("start.png");
    assertEquals(2, run("generate", option, image, "--output=" + frames));
    assertOneLine("--tokens: stands for the images; leave --image out");
    console.reset();
    assertEquals(0, run("generate", "--frames=1", option, "--output=" + frames), console::err);
    assertEquals(44, RgbImage.read(frames.resolve("frame-000000.png")).rgb()[2]);
    models.start = models.start.withTokens(new StartRequirements.Tokens(1, 1, 1, 2, 63));
    console.reset();
    assertEquals(2, run("generate", option, "--output=" + results.resolve("a.gif")));
    assertOneLine(
        tokens + ": tokens: expected ids of 0 to 62, found 63 in frame 0, row 0, column 1");
    Files.delete(demo.resolve("start.png"));
    console.reset();
    assertEquals(2, run("generate", "--output=" + results.resolve("a.gif")));
    assertOneLine(
        demo
            + ": has no start.png or start.safetensors to begin with; name an image with --image,"
            + " or tokens with --tokens");
  }

  @Test
  void stepsAreToldAndChosen() throws IOException {
    Path video = results.resolve("a.gif");
    assertEquals(2, run("generate", "--steps=10", "--output=" + video));
    assertOneLine("--steps: expected 3, for which the model is made, found 10");
    console.reset();
    assertEquals(2, run("generate", "--steps=0", "--output=" + video));
    assertOneLine("--steps: expected 3, for which the model is made, found 0");
    assertNothingWritten();
    console.reset();
    assertEquals(0, run("generate", "--steps=3", "--frames=1", "--output=" + video));
    models.fixedSteps = null;
    console.reset();
    assertEquals(0, run("generate", "--steps=1", "--frames=1", "--output=" + video));
    assertTrue(console.err().contains("\nseed    42, 1 step\n"), console.err());
    console.reset();
    assertEquals(0, run("generate", "--steps=10", "--frames=1", "--output=" + video));
    assertTrue(console.err().contains("\nseed    42, 10 steps\n"), console.err());
  }

  @Test
  void quietSaysNothingButFailures() {
    Path file = results.resolve("a.gif");
    assertEquals(0, run("generate", "--quiet", "--frames=9", "--output=" + file));
    assertEquals("", console.err());
    assertEquals(file + "\n", console.out());
    console.reset();
    assertEquals(2, run("generate", "--quiet", "--actions=x", "--output=" + file));
    assertTrue(console.err().startsWith("orrery: actions: unknown key"), console.err());
  }

  /** However a text was saved, it means the same; what is none is refused by its name. */
  @Test
  void actionFilesAreTexts() throws IOException {
    Path script = folder.resolve("tour.txt");
    for (String text : List.of("w*5 # go\nl*3", "\uFEFFw*5 # go\r\nl*3\r\n", "w*5 # go\rl*3\r")) {
      Files.writeString(script, text);
      console.reset();
      assertEquals(
          0, run("generate", "--actions=@" + script, "--output=" + results.resolve("a.gif")));
      assertTrue(console.err().contains("a.gif, 8 frames of "), console.err());
    }
    Files.delete(results.resolve("a.gif"));
    for (String[] pair :
        new String[][] {
          {"w\r\nx", "actions: unknown key \"x\" at line 2, column 1"},
          {"w\rx", "actions: unknown key \"x\" at line 2, column 1"},
          {"w\n\0", script + ": expected a text, found a NUL byte at line 2, column 1"},
          {"", "actions: no entry found"},
        }) {
      Files.writeString(script, pair[0]);
      console.reset();
      assertEquals(
          2, run("generate", "--actions=@" + script, "--output=" + results.resolve("a.gif")));
      assertOneLine(pair[1]);
    }
    Files.write(script, "\uFEFFw".getBytes(StandardCharsets.UTF_16BE));
    console.reset();
    assertEquals(
        2, run("generate", "--actions=@" + script, "--output=" + results.resolve("a.gif")));
    assertOneLine(script + ": expected a text in UTF-8, found one in UTF-16");
    assertNothingWritten();
  }

  @Test
  void videosThatCannotBeAreRefusedBeforeTheModelLoads() throws IOException {
    Path file = results.resolve("a.gif");
    assertEquals(2, run("generate", "--fps=59.94", "--output=" + file));
    assertEquals(
        "orrery: " + file + ": a GIF shows at most 50 frames per second, found 60000/1001\n",
        console.err());
    assertEquals("", models.backends.toString());
    assertNothingWritten();
  }

  @Test
  void infoBeginsWithWhatTheModelIs() throws IOException {
    Files.writeString(demo.resolve("config.json"), "{}");
    assertEquals(0, run("info"));
    assertTrue(
        console
            .out()
            .startsWith(
                """
                Fake, 32x16
                  video        32x16 at 25 frames per second
                  chunk        12 frames made together, 0.48 s; 9 in the first
                  starts from  an image
                  keys         w key w, s key s, a key a, d key d, j key j, l key l, i key i, k key k, q key q

                Memory of Fake, MiB:
                """),
        console.out());
    models.keys = "";
    console.reset();
    assertEquals(0, run("info"));
    assertTrue(console.out().contains("keys         none, it goes on by itself"), console.out());
  }

  @Test
  void aTerminalGetsABar() {
    Environment environment = new Environment(models.families(), demo, console.console(true));
    Path file = results.resolve("a.gif");
    assertEquals(0, Orrery.run(environment, "generate", "--frames=9", "--output=" + file));
    assertTrue(console.err().contains("\rmaking frames      [####"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generate --nonsense|Unknown option: '--nonsense'; see orrery generate --help",
        "generate --fps x|--fps: expected 1 to 120, such as 25, 23.976 or 30000/1001, found x; see",
        "generate --fps 0|--fps: expected 1 to 120, such as 25, 23.976 or 30000/1001, found 0; see",
        "generate --fps 24000/0|--fps: expected 1 to 120, such as 25, 23.976 or 30000/1001, found 24",
        "generate --scale 0|--scale: expected 1 to 16, found 0; see orrery generate --help",
        "generate --scale 17|--scale: expected 1 to 16, found 17; see orrery generate --help",
        "generate --scale 1.5|Invalid value for option '--scale': expected a whole number, found '1.5'",
        "generate --scaling soft|Invalid value for option '--scaling': expected one of [nearest, lan",
        "generate --threads 0|--threads: expected 1 to 1024, found 0",
        "generate --blocks 0|--chunks: expected 1 to 1000000, found 0",
        "generate --frames -3|--frames: expected 1 to 10000000, found -3",
        "generate --frames 3 --blocks 3|--chunks=N, --frames=N are mutually exclusive",
        "generate --backend gpu|--backend: expected one of auto, cpu, cuda, cuda:N, tornado, tornado:N, reference, found 'gpu",
        "generate --backend cpu --cublas|--cublas: needs --backend cuda, found cpu",
        "generate --backend cuda:99|--backend cuda:99: ",
        "generate --seed 1.5|Invalid value for option '--seed': expected a whole number, found '1.5'",
        "generate --actions w+x|actions: unknown key \"x\" at line 1, column 3; keys are w key w, s",
        "generate --actions @none.txt|none.txt: no such file",
        "generate --actions @|--actions: expected the name of a file after @",
        "generate --actions @RESULTS|RESULTS: cannot be read",
        "generate --image none.png|none.png: no such file",
        "generate --model none|none: expected a model folder, found nothing",
        "generate --model none --image DEMO/start.png|none: expected a model folder, found nothing",
        "generate --model RESULTS|RESULTS: has no start.png to begin with; name an image with --im",
        "generate surplus|Unmatched argument at index 1: 'surplus'; see orrery generate --help",
        "wander|Unmatched argument at index 0: 'wander'; see orrery --help",
        "encode-prompt --model DEMO --prompt p --output RESULTS/p.safetensors|DEMO: the model takes no",
        "info none.safetensors|none.safetensors: ",
        "info RESULTS|RESULTS: expected .safetensors, .pth, .pt or .ckpt files, found none",
      })
  void whatCannotBeUsedIsOneLineAndTwo(String line, String expected) throws IOException {
    List<String> arguments = new ArrayList<>();
    for (String argument : line.split(" ")) {
      arguments.add(
          argument.replace("DEMO", demo.toString()).replace("RESULTS", results.toString()));
    }
    if (line.startsWith("generate ")) {
      arguments.add("--output=" + results.resolve("a.mp4"));
    }
    assertEquals(2, run(arguments.toArray(String[]::new)));
    assertOneLine(expected.replace("DEMO", demo.toString()).replace("RESULTS", results.toString()));
    assertNothingWritten();
  }

  @Test
  void outputsThatCannotBeWrittenAreOneLineAndOne() throws IOException {
    Path missing = results.resolve("none").resolve("a.mp4");
    assertEquals(1, run("generate", "--output=" + missing));
    assertEquals(1, console.err().lines().count(), "before the model loads");
    assertOneLine(missing + ": the folder " + missing.getParent() + " does not exist");
    assertNothingWritten();
  }

  @Test
  void unknownKindsOfVideoAreOneLineAndTwo() throws IOException {
    for (String output : List.of(results.resolve("a.avi").toString(), "")) {
      console.reset();
      assertEquals(2, run("generate", "--output=" + output));
      assertOneLine("\"" + output + "\": unknown kind of video");
      assertNothingWritten();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif", "frames"})
  void aFailureOnTheWayLeavesNothing(String name) throws IOException {
    models.beforeStep =
        block -> {
          if (block == 2) {
            throw new IllegalStateException("broken\nin two lines");
          }
        };
    assertEquals(1, run("generate", "--output=" + results.resolve(name)));
    String last = console.err().lines().toList().getLast();
    assertTrue(last.startsWith("orrery: unexpected failure, please report it"), last);
    assertTrue(last.endsWith("IllegalStateException: broken in two lines"), last);
    assertNothingWritten();
    assertEquals(0, models.open);
  }

  @Test
  void aPictureFarFromTheShapeIsRefusedBeforeTheModelIsLoaded() throws IOException {
    Path strip = folder.resolve("strip.png");
    new RgbImage(3000, 20, new byte[180_000]).writePng(strip);
    assertEquals(2, run("generate", "--image=" + strip, "--output=" + results.resolve("a.mp4")));
    assertOneLine("start image: 3000x20 pixels are too far from the shape of 32x16");
    assertFalse(console.err().contains("loading weights"), console.err());
    assertNothingWritten();
  }

  @Test
  void lackOfMemoryIsExplained() throws IOException {
    models.beforeStep =
        block -> {
          throw new OutOfMemoryError("Java heap space");
        };
    assertEquals(1, run("generate", "--output=" + results.resolve("a.mp4")));
    assertTrue(
        console.err().contains("orrery: not enough memory (Java heap space); orrery info shows"));
    assertNothingWritten();
  }

  @Test
  void stackTracesAreShownOnRequest() {
    assertEquals(2, run("generate", "--stacktrace", "--image=none.png"));
    assertTrue(console.err().contains("UnreadableImageException"));
  }

  @Test
  void helpTeaches() {
    assertEquals(0, run("generate", "--help"));
    String help = console.out();
    assertTrue(
        help.matches("(?s)Examples:\n(  orrery generate[^\n]*\n){3}\nUsage: orrery generate .*"),
        help);
    for (String part :
        List.of(
            "--actions",
            "w+l*24",
            "look right",
            "--steps",
            "--decoder",
            "--tokens",
            "first frame that is made",
            "Examples",
            "Exit codes")) {
      assertTrue(help.contains(part), part);
    }
    console.reset();
    assertEquals(0, run());
    String program = console.out();
    assertTrue(program.matches("(?s)Examples:\n(  orrery [^\n]*\n){4}\nUsage: orrery .*"), program);
    console.reset();
    assertEquals(0, run("--version"));
    String version = console.out();
    assertTrue(version.matches("orrery \\d+\\.\\d+\\S* \\(Java 25.*\\)\n"), version);
  }

  private int run(String... arguments) {
    Environment environment = new Environment(models.families(), demo, console.console());
    return Orrery.run(environment, arguments);
  }

  private static RgbImage image(byte value) {
    byte[] rgb = new byte[3 * 20 * 10];
    Arrays.fill(rgb, value);
    return new RgbImage(20, 10, rgb);
  }

  private void assertOneLine(String expected) {
    List<String> failures =
        console
            .err()
            .lines()
            .filter(line -> !line.matches("(loading|encoding|making|model |seed |output ).*"))
            .toList();
    assertEquals(1, failures.size(), failures.toString());
    assertTrue(failures.getFirst().startsWith("orrery: " + expected), failures.getFirst());
  }

  private void assertNothingWritten() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
