package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.model.Families;
import dev.orrery.model.camera.CameraFile;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.model.worldplay.TinyWorldPlay;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line with a tiny model of WorldPlay. */
class WorldPlayCommandTest {
  @TempDir static Path shared;

  private static Path model;

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();

  @BeforeAll
  static void writeModel() throws IOException {
    model = shared.resolve("worldplay");
    TinyWorldPlay.write(model);
  }

  @BeforeEach
  void removePrompt() throws IOException {
    Files.deleteIfExists(model.resolve("prompt.safetensors"));
  }

  @Test
  void aPromptAndACameraMakeAVideo() throws IOException {
    Path frames = folder.resolve("frames");
    Path cameras = folder.resolve("cameras.json");
    Path strip = folder.resolve("strip.png");
    made(
        "--prompt=castle",
        "--camera=w-3, right-4",
        "--camera-out=" + cameras,
        "--camera-strip=" + strip,
        "--output=" + frames);
    // Eight poses: one frame for the first, four for each of the others.
    assertEquals(29, count(frames));
    assertEquals(CameraMotion.path(PoseString.parse("w-3, right-4")), CameraFile.read(cameras));
    RgbImage picture = RgbImage.read(strip);
    assertTrue(picture.width() > 500 && picture.height() > 200, picture.toString());
    String told = console.err();
    assertTrue(told.contains("29 frames of 64x32 at 16 per second"), told);
    assertTrue(told.contains("model   WorldPlay-5B, 64x32, 4 denoising steps"), told);
  }

  /** Every way to say the same gives the same bytes: text, file, JSON, encoded prompt, threads. */
  @Test
  void theSameStartGivesTheSameVideo() throws IOException {
    Path text = Files.writeString(folder.resolve("prompt.txt"), "castle\n");
    Path poses = Files.writeString(folder.resolve("poses.txt"), "d-2,\nleft-1");
    Path json = folder.resolve("poses.json");
    CameraFile.write(CameraMotion.path(PoseString.parse("d-2,left-1")), json);
    Path encoded = folder.resolve("castle.safetensors");
    String[] encode = {
      "encode-prompt", "--model=" + model, "--prompt=castle", "--output=" + encoded
    };
    assertEquals(0, run(encode), console::err);
    assertEquals(encoded + "\n", console.out());
    List<byte[]> videos = new ArrayList<>();
    videos.add(video("--prompt=castle", "--camera=d-2, left-1", "--threads=1"));
    videos.add(video("--prompt=@" + text, "--camera=@" + poses));
    videos.add(video("--prompt=@" + encoded, "--camera=@" + json));
    videos.add(video("--prompt=castle", "--actions=q*1 d*8 j*4"));
    Files.copy(encoded, model.resolve("prompt.safetensors"));
    videos.add(video("--camera=d-2, left-1"));
    for (byte[] video : videos) {
      assertArrayEquals(videos.getFirst(), video);
    }
    assertFalse(Arrays.equals(videos.getFirst(), video("--prompt=lake", "--camera=d-2, left-1")));
    assertFalse(Arrays.equals(videos.getFirst(), video("--prompt=castle", "--camera=d-3")));
    Path image = folder.resolve("start.png");
    TinyWorldPlay.picture().writePng(image);
    assertFalse(
        Arrays.equals(
            videos.getFirst(),
            video("--prompt=castle", "--camera=d-2, left-1", "--image=" + image)));
  }

  @Test
  void aCameraStandsStillAtItsEnd() throws IOException {
    Path cameras = folder.resolve("cameras.json");
    made("--prompt=castle", "--camera=w-2", "--frames=18", "--camera-out=" + cameras);
    assertEquals(6, CameraFile.read(cameras).frames());
    assertEquals(CameraFile.read(cameras).at(2), CameraFile.read(cameras).at(5));
  }

  @Test
  void aLongPromptWarns() throws IOException {
    made("--prompt=" + "castle ".repeat(600), "--camera=w-1");
    String told = console.err();
    assertTrue(told.contains("warning: prompt: the last "), told);
  }

  @Test
  void onlyModelsWithGuidanceTakeANegativePrompt() {
    Path output = folder.resolve("p.safetensors");
    int code =
        run(
            "encode-prompt",
            "--model=" + model,
            "--prompt=castle",
            "--negative-prompt=fog",
            "--output=" + output);
    assertEquals(2, code);
    String told = console.err();
    assertTrue(
        told.contains("--negative-prompt: expected none, as the model has no guidance, found one"),
        told);
    assertFalse(Files.exists(output));
  }

  @Test
  void infoShowsThePlan() {
    assertEquals(0, run("info", model.toString()), console::err);
    String told = console.out();
    assertTrue(
        told.startsWith("WorldPlay-5B, 64x32, 4 denoising steps\n  video        64x32 at "), told);
    assertTrue(told.contains("starts from  a prompt, an image if you like"), told);
    assertTrue(told.contains("Memory of WorldPlay-5B, 64x32, 4 denoising steps"), told);
    assertTrue(told.contains("before, for a prompt"), told);
    // 3600 chunks of 192 values.
    assertTrue(told.contains("an hour, on disk                2.6          2.6\n"), told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--prompt=p --camera=w-3,x-1;camera: unknown move \"x\" at",
        "--prompt=p --camera=w3;camera: expected a move and a number such as w-31, found \"w3\" at",
        "--prompt=p --camera=@nothing.json;nothing.json",
        "--prompt=p --camera=@;--camera: expected the name of a file after @",
        "--prompt=p --camera=w-1 --actions=w;--actions=TEXT|@FILE, --camera=TEXT|@FILE are mutually exclusive",
        "--prompt=@nothing.txt --camera=w-1;nothing.txt: no such file",
        "--prompt=@nothing.safetensors --camera=w-1;nothing.safetensors",
        "--camera=w-1;worldplay: needs a prompt; describe the world with --prompt \"A castle",
        "--prompt= --camera=w-1;--prompt: expected a text, found none",
        "--prompt=\t --camera=w-1;--prompt: expected a text, found only blanks",
        "--prompt=\u00a0\u200b\u3000 --camera=w-1;--prompt: expected a text, found only blanks",
        "--prompt=p --actions=x;actions: unknown key \"x\"",
        "--prompt=p --camera=w-1 --camera-out=none/cameras.json;none/cameras.json: the folder",
        "--prompt=p --camera=w-1 --camera-strip=none/strip.png;none/strip.png: the folder",
        "--prompt=p --camera=w-1 --camera-strip=strip.jpg;expected a name that ends in .png",
        "--prompt=p --camera=w-1 --image=no.png;no.png",
      })
  void badInputIsOneLine(String options, String expected) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("generate", "--model=" + model));
    arguments.addAll(List.of(options.split(" ")));
    arguments.add("--output=" + folder.resolve("a.gif"));
    int code = run(arguments.toArray(String[]::new));
    String told = console.err();
    assertTrue(code == 1 || code == 2, told);
    List<String> failures = told.lines().filter(line -> line.startsWith("orrery: ")).toList();
    assertEquals(1, failures.size(), told);
    assertTrue(failures.getFirst().contains(expected), told);
    assertFalse(told.contains("unexpected failure"), told);
  }

  @Test
  void aPictureFarFromTheShapeOfTheVideoIsRefused() throws IOException {
    Path image = folder.resolve("line.png");
    new RgbImage(100_000, 1, new byte[300_000]).writePng(image);
    Path video = folder.resolve("a.gif");
    int code =
        run("generate", "--model=" + model, "--prompt=p", "--image=" + image, "--output=" + video);
    String told = console.err();
    assertEquals(2, code, told);
    assertTrue(told.contains("start image: 100000x1 pixels are too far from the shape"), told);
  }

  @Test
  void brokenCamerasAreNamed() throws IOException {
    String pose = "[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]";
    String lens = "[[960,0,960],[0,960,540],[0,0,1]]";
    assertCameraRefused("{\"0\": ", "poses.json");
    assertCameraRefused(
        "{\"a\": {\"extrinsic\": "
            + pose.replace("[1,0,0,0]", "[2,0,0,0]")
            + ", \"K\": "
            + lens
            + "}}",
        "a.extrinsic");
    assertCameraRefused(
        "{\"a\": {\"extrinsic\": " + pose + ", \"K\": " + lens.replace("[960,0,", "[0,0,") + "}}",
        "focal length along x");
    assertCameraRefused(
        "{\"a\": {\"extrinsic\": "
            + pose.replace("[1,0,0,0]", "[NaN,0,0,0]")
            + ", \"K\": "
            + lens
            + "}}",
        "poses.json");
  }

  private void assertCameraRefused(String json, String expected) throws IOException {
    Path file = Files.writeString(folder.resolve("poses.json"), json);
    console.reset();
    int code = run("generate", "--model=" + model, "--prompt=p", "--camera=@" + file);
    String told = console.err();
    assertEquals(2, code, told);
    assertEquals(1, told.lines().count(), told);
    assertTrue(told.contains(expected), told);
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    for (String missing :
        List.of(
            "transformer/config.json",
            "vae/diffusion_pytorch_model.safetensors",
            "text_encoder/model.safetensors",
            "tokenizer/tokenizer.json")) {
      Path broken = folder.resolve(missing.replace('/', '-'));
      TinyWorldPlay.write(broken);
      Files.delete(broken.resolve(missing));
      console.reset();
      Path video = folder.resolve("a.gif");
      int code = run("generate", "--model=" + broken, "--prompt=p", "--output=" + video);
      String told = console.err();
      assertEquals(2, code, told);
      assertTrue(told.contains(broken.toString()), told);
      assertTrue(told.contains(missing.substring(missing.indexOf('/') + 1)), told);
      assertFalse(Files.exists(video));
    }
  }

  private byte[] video(String... options) throws IOException {
    Path video = folder.resolve("video.gif");
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--output=" + video);
    made(all.toArray(String[]::new));
    return Files.readAllBytes(video);
  }

  private void made(String... options) {
    List<String> arguments = new ArrayList<>(List.of("generate", "--model=" + model));
    arguments.addAll(List.of(options));
    if (Stream.of(options).noneMatch(option -> option.startsWith("--output"))) {
      arguments.add("--output=" + folder.resolve("other.gif"));
    }
    assertEquals(0, run(arguments.toArray(String[]::new)), console::err);
  }

  private static long count(Path frames) throws IOException {
    try (Stream<Path> files = Files.list(frames)) {
      return files.count();
    }
  }

  private int run(String... arguments) {
    Environment environment = new Environment(Families.ALL, model, console.console());
    return Orrery.run(environment, arguments);
  }
}
