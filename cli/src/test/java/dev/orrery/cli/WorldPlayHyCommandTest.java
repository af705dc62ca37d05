package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.worldplay.TinyWorldPlay;
import dev.orrery.model.worldplayhy.WorldPlayHy;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line with a tiny WorldPlay-8B, all of its encoders included. */
class WorldPlayHyCommandTest {
  @TempDir static Path shared;

  private static Path model;
  private static Path picture;

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();

  @BeforeAll
  static void writeModel() throws IOException {
    model = shared.resolve("worldplay");
    SyntheticModel.write(WorldPlayHy.FAMILY, SyntheticScale.TINY, 1, model, Progress.NONE);
    Files.delete(model.resolve("start.png"));
    picture = shared.resolve("picture.png");
    TinyWorldPlay.picture().writePng(picture);
  }

  /** Text, encoded text, any number of threads; what is quoted counts. */
  @Test
  void theSamePromptGivesTheSameVideo() throws IOException {
    Path encoded = folder.resolve("sign.safetensors");
    String sign = "the \"OPEN\" sign";
    made("encode-prompt", "--model=" + model, "--prompt=" + sign, "--output=" + encoded);
    assertEquals(encoded + "\n", console.out());
    EncodedPrompt prompt = EncodedPrompt.load(encoded);
    assertEquals("Text \"OPEN\". ".length() + 1, prompt.tensor("glyph").size(0));
    byte[] first = video("--prompt=" + sign, "--threads=1");
    assertArrayEquals(first, video("--prompt=@" + encoded));
    assertFalse(Arrays.equals(first, video("--prompt=the OPEN sign")));
    String told = console.err();
    assertTrue(told.contains("model   WorldPlay-8B, 32x16, 4 denoising steps"), told);
  }

  @Test
  void whatIsNotReadIsTold() throws IOException {
    Path encoded = folder.resolve("long.safetensors");
    String text = "c ".repeat(1000) + "\"" + "x".repeat(300) + "\" \"";
    made("encode-prompt", "--model=" + model, "--prompt=" + text, "--output=" + encoded);
    String told = console.err();
    assertTrue(told.contains("warning: prompt: the quotation mark at line 1, column "), told);
    assertTrue(told.contains("; prompt: the last "), told);
    assertTrue(told.contains("; quoted text: the last 54 of 309 tokens are ignored"), told);
  }

  @Test
  void whatCannotBeUsedIsOneLine() throws IOException {
    Path other = folder.resolve("other.safetensors");
    Map<String, Tensor> features = Map.of("features", Tensor.of(new float[16], 1, 16));
    new EncodedPrompt("castle", "umt5", Optional.empty(), features).save(other);
    refused("prompt: expected text, found [features]", "--prompt=@" + other, "--image=" + picture);
    Map<String, Tensor> text = Map.of("text", Tensor.of(new float[16], 1, 16));
    new EncodedPrompt("castle", "others", Optional.empty(), text).save(other);
    refused("expected a prompt encoded by text ", "--prompt=@" + other, "--image=" + picture);
    refused("has no start.png to begin with", "--prompt=p");
    Path dot = folder.resolve("dot.png");
    new RgbImage(1, 1, new byte[3]).writePng(dot);
    Path line = folder.resolve("line.png");
    new RgbImage(20_000, 100, new byte[6_000_000]).writePng(line);
    refused("too far from the shape of", "--prompt=p", "--image=" + line);
    made("generate", "--model=" + model, "--prompt=p", "--image=" + dot, "--frames=1", output());
  }

  @Test
  void missingEncodersAreNamed() throws IOException {
    for (String missing : List.of("system_prompt.txt", "tokenizer/merges.txt", "glyph_encoder")) {
      Path broken = folder.resolve(missing.replace('/', '-'));
      SyntheticModel.write(WorldPlayHy.FAMILY, SyntheticScale.TINY, 1, broken, Progress.NONE);
      delete(broken.resolve(missing));
      console.reset();
      Path encoded = folder.resolve("p.safetensors");
      int code =
          run("encode-prompt", "--model=" + broken, "--prompt=a \"sign\"", "--output=" + encoded);
      String told = console.err();
      assertEquals(2, code, told);
      assertTrue(told.contains(broken.toString()), told);
      assertTrue(told.contains(missing.substring(missing.indexOf('/') + 1)), told);
      assertFalse(Files.exists(encoded));
    }
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }

  private void refused(String expected, String... options) {
    console.reset();
    List<String> arguments = new ArrayList<>(List.of("generate", "--model=" + model, output()));
    arguments.addAll(List.of(options));
    int code = run(arguments.toArray(String[]::new));
    String told = console.err();
    assertTrue(code == 1 || code == 2, told);
    List<String> failures = told.lines().filter(line -> line.startsWith("orrery: ")).toList();
    assertEquals(1, failures.size(), told);
    assertTrue(failures.getFirst().contains(expected), told);
  }

  private String output() {
    return "--output=" + folder.resolve("video.gif");
  }

  private byte[] video(String... options) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "generate",
                "--model=" + model,
                "--image=" + picture,
                "--camera=w-1",
                "--frames=1",
                output()));
    arguments.addAll(List.of(options));
    made(arguments.toArray(String[]::new));
    return Files.readAllBytes(folder.resolve("video.gif"));
  }

  private void made(String... arguments) {
    assertEquals(0, run(arguments), console::err);
  }

  private int run(String... arguments) {
    Environment environment = new Environment(Families.ALL, model, console.console());
    return Orrery.run(environment, arguments);
  }
}
