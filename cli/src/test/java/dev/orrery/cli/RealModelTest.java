package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line with the demo model, whole and broken. */
class RealModelTest {
  private static final Path DEMO = Path.of(System.getProperty("project.root"), "models/demo-world");

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();
  private Path model;
  private Path results;

  @BeforeEach
  void copyModel() throws IOException {
    model = Files.createDirectory(folder.resolve("model"));
    results = Files.createDirectory(folder.resolve("results"));
    for (String name :
        List.of(
            "config.json",
            "dit.safetensors",
            "vae.safetensors",
            "image_encoder.safetensors",
            "start.png")) {
      Files.copy(DEMO.resolve(name), model.resolve(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.gif"})
  void theSameVideoForAnyNumberOfThreads(String name) throws IOException {
    List<byte[]> videos = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      Path video = results.resolve(threads + name);
      int code =
          run("generate", "--blocks=2", "--threads=" + threads, "--seed=5", "--output=" + video);
      assertEquals(0, code, console.err());
      videos.add(Files.readAllBytes(video));
    }
    assertArrayEquals(videos.get(0), videos.get(1));
  }

  /** What the model made, to the byte; the default is that, enlarged. */
  @Test
  void scaleOneIsWhatTheModelMakes() throws IOException {
    Path frames = results.resolve("own");
    Path large = results.resolve("large");
    String[] options = {"generate", "--seed=7", "--actions=w*5 w+l", "--frames=10", "--threads=2"};
    assertEquals(0, run(with(options, "--scale=1", "--output=" + frames)), console.err());
    assertEquals(0, run(with(options, "--scaling=nearest", "--output=" + large)), console.err());
    try (Backend backend = CpuBackend.simd(2);
        WorldModel world = Families.ALL.open(DEMO).load(backend, Progress.NONE);
        WorldSession session =
            world.start(RgbImage.read(DEMO.resolve("start.png")), 7, Progress.NONE)) {
      ActionScript script = ActionScript.parse("w*5 w+l", world.actionSpace().controls());
      List<RgbImage> made = new ArrayList<>();
      session.rollout(
          script::at,
          10,
          Progress.NONE,
          chunk -> {
            int bytes = 3 * chunk.width() * chunk.height();
            for (int i = 0; i < chunk.count(); i++) {
              byte[] rgb = Arrays.copyOfRange(chunk.rgb(), i * bytes, (i + 1) * bytes);
              made.add(new RgbImage(chunk.width(), chunk.height(), rgb));
            }
          });
      for (int i = 0; i < made.size(); i++) {
        String name = "frame-00000" + i + ".png";
        Path expected = results.resolve("expected.png");
        made.get(i).writePng(expected);
        assertEquals(-1, Files.mismatch(expected, frames.resolve(name)), name);
        RgbImage enlarged = RgbImage.read(large.resolve(name));
        assertEquals(384, enlarged.width());
        assertEquals(256, enlarged.height());
        int last = enlarged.rgb().length - 3;
        assertEquals(made.get(i).rgb()[0], enlarged.rgb()[3 * (2 * 384 + 3)]);
        assertEquals(made.get(i).rgb()[made.get(i).rgb().length - 3], enlarged.rgb()[last]);
      }
      assertEquals(10, made.size());
    }
  }

  private static String[] with(String[] options, String... more) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** 207 lines of tensors hid it; now they come on demand. */
  @Test
  void infoBeginsWithTheModelAndTensorsComeOnDemand() {
    assertEquals(0, run("info", model.toString()));
    String told = console.out();
    assertTrue(
        told.startsWith(
            "Matrix-Game 2.0 universal, 96x64, 4 denoising steps\n"
                + "  video        96x64 at 25 frames per second\n"),
        told);
    assertTrue(told.lines().count() < 35, told);
    assertFalse(told.contains("blocks."), told);
    assertTrue(told.contains("dit.safetensors: 238 tensors"), told);
    console.reset();
    assertEquals(0, run("info", model.toString(), "--tensors"));
    assertTrue(console.out().contains("  blocks.5.ffn.0.weight "), console.out());
  }

  @Test
  void infoShowsThePlan() {
    assertEquals(0, run("info", model.toString()));
    String told = console.out();
    assertTrue(told.contains("Memory of Matrix-Game 2.0 universal, 96x64"), told);
    assertTrue(told.contains("while playing"), told);
  }

  @Test
  void aTruncatedFile() throws IOException {
    Path file = model.resolve("dit.safetensors");
    try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
      data.setLength(5_000_000);
    }
    assertRefused(file + ": expected ", "; the file is cut off: download it again");
  }

  @Test
  void aHeaderLongerThanItsFile() throws IOException {
    Path file = model.resolve("vae.safetensors");
    try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
      data.write(new byte[] {0, 0, 0, 5, 0, 0, 0, 0});
    }
    assertRefused(file + ": header length: expected at most the ", ": download it again");
  }

  @Test
  void trailingBytes() throws IOException {
    Path file = model.resolve("image_encoder.safetensors");
    Files.write(file, new byte[3], StandardOpenOption.APPEND);
    assertRefused(file + ": expected ", "trailing bytes that belong to no tensor");
  }

  @Test
  void aMissingTensor() throws IOException {
    replaceInHeader("dit.safetensors", "head.modulation", "zzzz.modulation");
    assertRefused(
        model.resolve("dit.safetensors") + ": tensor head.modulation: expected shape [1, 2, 192]",
        "but missing");
  }

  @Test
  void aTensorOfAnotherShape() throws IOException {
    replaceInConfig("\"num_layers\": 6", "\"num_layers\": 7");
    assertRefused(model.resolve("dit.safetensors") + ": tensor blocks.6.", "but missing");
    replaceInConfig("\"ffn_dim\": 768", "\"ffn_dim\": 384");
    assertRefused(
        model.resolve("dit.safetensors") + ": tensor blocks.0.ffn.0.weight: expected shape [384, 1",
        "found [768, 192]");
  }

  @Test
  void surplusTensors() throws IOException {
    replaceInConfig("\"num_layers\": 6", "\"num_layers\": 5");
    assertRefused(
        model.resolve("dit.safetensors")
            + ": expected no tensors beyond those of the network, found 27 surplus: blocks.5.",
        "and 17 more");
  }

  @Test
  void settingsThatCannotBe() throws IOException {
    replaceInConfig("\"dim_mult\"", "\"dim_mult\": 3, \"unused\"");
    assertRefused(model.resolve("config.json") + ": vae.dim_mult: expected a list, found 3", "");
    Files.writeString(model.resolve("config.json"), "{\"dit\": ");
    assertRefused(model.resolve("config.json") + ": invalid JSON at line 1, column ", "");
  }

  @Test
  void aMissingFile() throws IOException {
    Files.delete(model.resolve("vae.safetensors"));
    assertRefused(model + ": expected the weights of the VAE as vae.safetensors", "found none");
  }

  private void replaceInConfig(String from, String to) throws IOException {
    String text = Files.readString(model.resolve("config.json"));
    assertTrue(text.contains(from));
    Files.writeString(model.resolve("config.json"), text.replaceFirst(from, to));
  }

  private void replaceInHeader(String name, String from, String to) throws IOException {
    byte[] bytes = Files.readAllBytes(model.resolve(name));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf('"' + from + '"') + 1;
    assertTrue(at > 0);
    byte[] changed = to.getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(from.length(), changed.length, "the header must keep its length");
    System.arraycopy(changed, 0, bytes, at, from.length());
    Files.write(model.resolve(name), bytes);
  }

  /** Both commands refuse the model with one line and 2, and write nothing. */
  private void assertRefused(String start, String end) throws IOException {
    for (String[] arguments :
        new String[][] {
          {"generate", "--model=" + model, "--output=" + results.resolve("a.mp4")},
          {"info", model.toString()}
        }) {
      console.reset();
      assertEquals(2, run(arguments), Arrays.toString(arguments));
      List<String> lines = console.err().lines().toList();
      assertEquals(1, lines.size(), lines.toString());
      assertTrue(lines.getFirst().startsWith("orrery: " + start), lines.getFirst());
      assertTrue(lines.getFirst().endsWith(end), lines.getFirst());
      try (Stream<Path> files = Files.list(results)) {
        assertEquals(List.of(), files.toList());
      }
    }
  }

  private int run(String... arguments) {
    Environment environment = new Environment(Families.ALL, DEMO, console.console());
    return Orrery.run(environment, arguments);
  }
}
