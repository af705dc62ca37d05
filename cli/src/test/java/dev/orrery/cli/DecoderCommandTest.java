package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.oasis.Oasis;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.weights.synthesize.SyntheticCheckpoint;
import dev.orrery.weights.synthesize.SyntheticModel;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line with a tiny Matrix-Game 2.0 that has two decoders, and one that has not. */
class DecoderCommandTest {
  @TempDir static Path shared;

  private static Path game;
  private static Path bare;
  private static Path oasis;

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();

  @BeforeAll
  static void writeModels() throws IOException {
    bare = shared.resolve("bare");
    SyntheticModel.write(MatrixGame2.FAMILY, SyntheticScale.TINY, 1, bare, Progress.NONE);
    game = shared.resolve("game");
    writeGame(game);
    NetworkWeights<?> tiny =
        MatrixGame2.open(game).withDecoder(LatentDecoder.TAEHV).networks().getLast();
    SyntheticCheckpoint.write(
        game.resolve("taew2_1.safetensors"), tiny.tensors(DType.F32), 1, Map.of(), written -> {});
    oasis = shared.resolve("oasis");
    SyntheticModel.write(Oasis.FAMILY, SyntheticScale.TINY, 1, oasis, Progress.NONE);
  }

  /** A model that says how large its tiny decoder is. */
  private static void writeGame(Path model) throws IOException {
    SyntheticModel.write(MatrixGame2.FAMILY, SyntheticScale.TINY, 1, model, Progress.NONE);
    Path config = model.resolve("config.json");
    String settings = Files.readString(config);
    Files.writeString(
        config,
        settings.substring(0, settings.lastIndexOf('}'))
            + ", \"decoder\": \"vae\", \"taehv\": {\"widths\": [8, 8, 4, 4]}}");
  }

  private int run(String... arguments) {
    console.reset();
    return Orrery.run(new Environment(Families.ALL, game, console.console()), arguments);
  }

  private byte[] video(String... options) throws IOException {
    Path video = folder.resolve("video.gif");
    List<String> arguments =
        new ArrayList<>(List.of("generate", "--chunks=1", "--output=" + video));
    arguments.addAll(List.of(options));
    assertEquals(0, run(arguments.toArray(String[]::new)), console::err);
    byte[] bytes = Files.readAllBytes(video);
    Files.delete(video);
    return bytes;
  }

  @Test
  void framesAreThoseOfTheDecoder() throws IOException {
    byte[] own = video();
    assertFalse(console.err().contains("TAEHV"), console.err());
    byte[] tiny = video("--decoder=taehv");
    assertTrue(console.err().contains(", decoded by TAEHV ("), console.err());
    assertFalse(Arrays.equals(own, tiny));
    assertArrayEquals(own, video("--decoder=vae"));
  }

  @Test
  void aSavedWorldKeepsItsDecoder() throws IOException {
    Path saved = folder.resolve("world.safetensors");
    video("--decoder=taehv", "--save=" + saved);
    assertEquals(0, run("info", saved.toString()), console::err);
    assertTrue(console.out().contains("\n  decoder      taehv\n"), console.out());
    video("--resume=" + saved);
    assertTrue(console.err().contains(", decoded by TAEHV ("), console.err());
    assertRefused(
        "--resume: a saved session has its own; leave --decoder out",
        "--resume=" + saved,
        "--decoder=taehv");
  }

  @Test
  void infoSaysWhatThereIs() {
    assertEquals(0, run("info"), console::err);
    assertTrue(
        console
            .out()
            .contains(
                "\n  decoder      vae, or with --decoder taehv a tiny one,"
                    + " taew2_1.safetensors\n"),
        console.out());
    assertEquals(0, run("info", "--decoder=taehv"), console::err);
    assertTrue(console.out().contains(", decoded by TAEHV\n"), console.out());
    assertTrue(
        console.out().contains("\n  decoder      taehv, or with --decoder vae that of"),
        console.out());
    assertEquals(0, run("info", "--decoder=taehv", "--json"), console::err);
    JsonValue model = json(console.out()).get("model");
    assertEquals("taehv", model.string("decoder"));
    assertEquals(2, model.get("decoders").asList().size());
    assertEquals(0, run("info", bare.toString()), console::err);
    assertTrue(
        console
            .out()
            .contains(
                "\n  decoder      vae; weights of taehv are not there, see docs/models/matrix-game-2.md\n"),
        console.out());
    assertEquals(0, run("info", "--json", bare.toString()), console::err);
    assertEquals(1, json(console.out()).get("model").get("decoders").asList().size());
    assertEquals(0, run("info", oasis.toString()), console::err);
    assertFalse(console.out().contains("  decoder "), console.out());
    Path file = game.resolve("dit.safetensors");
    assertEquals(2, run("info", "--decoder=taehv", file.toString()));
    assertOneLine("--decoder: belongs to the folder of a model, found " + file);
  }

  @Test
  void whatIsNotThereIsRefused() throws IOException {
    String missing =
        bare
            + ": expected the weights of the tiny decoder as taew2_1.safetensors, found none;"
            + " docs/models/matrix-game-2.md tells where they come from";
    assertRefused(missing, "--decoder=taehv", "--model=" + bare);
    assertEquals(2, run("play", "--decoder=taehv", "--model=" + bare));
    assertOneLine(missing);
    assertEquals(2, run("info", "--decoder=taehv", bare.toString()));
    assertOneLine(missing);
    assertRefused(
        "--decoder: expected vae, the only one that models of this family have, found taehv",
        "--decoder=taehv",
        "--model=" + oasis);
    assertRefused("expected one of [vae, taehv], found 'tae'", "--decoder=tae");
  }

  /** As the page of the model tells, of an archive that has an encoder too. */
  @Test
  void itsArchiveIsConverted() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Checkpoint stored = Checkpoint.find(game, "taew2_1")) {
      for (String name : stored.names()) {
        tensors.put(name, stored.find(name, Shape.of()).orElseThrow());
      }
      tensors.put("encoder.0.bias", Tensor.of(new float[64], 64));
      TorchFiles.write(folder.resolve("taew2_1.pth"), "", tensors);
    }
    Path model = folder.resolve("model");
    writeGame(model);
    String archive = folder.resolve("taew2_1.pth").toString();
    String target = model.resolve("taew2_1.safetensors").toString();
    assertEquals(0, run("weights", "convert", archive, target), console::err);
    assertEquals(0, run("weights", "verify", model.toString()), console::err);
    assertArrayEquals(
        video("--decoder=taehv", "--model=" + game), video("--decoder=taehv", "--model=" + model));
  }

  @Test
  void decodersAreCompared() {
    assertEquals(
        0, run("weights", "compare-decoders", "--chunks=2", game.toString()), console::err);
    List<String> lines = console.out().lines().toList();
    // Nine frames of the first chunk and twelve of the second, between a title and a sum.
    assertEquals(2 + 9 + 12 + 1, lines.size(), console.out());
    assertTrue(lines.getLast().matches("all +\\d+\\.\\d\\d dB +\\d+\\.\\d\\d"), lines.getLast());
    assertEquals(0, run("weights", "compare-decoders", "--chunks=1", "--json", game.toString()));
    JsonValue told = json(console.out());
    assertEquals(9, told.get("frames").asList().size());
    assertTrue(told.get("all").number("psnr") > 0 && told.get("all").number("mean") > 0);
    assertEquals(2, run("weights", "compare-decoders", bare.toString()));
    assertOneLine("expected the weights of the tiny decoder as");
    assertEquals(2, run("weights", "compare-decoders", oasis.toString()));
    assertOneLine(oasis + ": models of this family have one decoder only");
  }

  private static JsonValue json(String text) {
    return JsonValue.parse("told", text.getBytes(StandardCharsets.UTF_8));
  }

  private void assertRefused(String expected, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("generate", "--chunks=1"));
    arguments.addAll(List.of(options));
    arguments.add("--output=" + folder.resolve("video.gif"));
    assertEquals(2, run(arguments.toArray(String[]::new)));
    assertOneLine(expected);
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".gif")), "half-written");
    }
  }

  private void assertOneLine(String expected) {
    List<String> failures =
        console.err().lines().filter(line -> line.startsWith("orrery: ")).toList();
    assertEquals(1, failures.size(), console::err);
    assertTrue(failures.getFirst().contains(expected), console::err);
  }
}
