package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.model.Families;
import dev.orrery.model.camera.CameraFile;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Progress;
import dev.orrery.model.worldplay.TinyWorldPlay;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A world that is kept after three chunks and goes on in another process makes the frames of one
 * that was never left.
 */
class ResumedWorldTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final Path DEMO = ROOT.resolve("models/demo-world");

  @TempDir static Path shared;

  private static Path worldPlay;

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();

  @BeforeAll
  static void writeModel() throws IOException {
    worldPlay = shared.resolve("worldplay");
    TinyWorldPlay.write(worldPlay);
  }

  @Test
  void theDemoGoesOn() throws Exception {
    assertGoesOn("cpu", DEMO, "", "d*20 l*13", "l*17 w+j*31");
    long bytes = Files.size(folder.resolve("world.safetensors"));
    assertTrue(bytes < 12_000_000, bytes + " bytes, with caches that have rolled over");
  }

  /** A smaller model than the demo world, which takes the reference many minutes. */
  @Test
  void matrixGameGoesOnOnTheReference() throws Exception {
    Path tiny = folder.resolve("matrix-game");
    SyntheticModel.write(MatrixGame2.FAMILY, SyntheticScale.TINY, 1, tiny, Progress.NONE);
    assertGoesOn("reference", tiny, "", "d*20 l*13", "l*17 w+j*31");
  }

  @Test
  void worldPlayGoesOn() throws Exception {
    assertGoesOn("cpu", worldPlay, "--prompt=castle", "q*1 w*30 l*14", "l*30 d*8 a*40");
  }

  @Test
  void worldPlayGoesOnOnTheReference() throws Exception {
    assertGoesOn("reference", worldPlay, "--prompt=castle", "q*1 w*30 l*14", "l*30 d*8 a*40");
  }

  private void assertGoesOn(String backend, Path model, String start, String before, String after)
      throws Exception {
    List<String> common = List.of("generate", "--model=" + model, "--backend=" + backend);
    Path whole = folder.resolve("whole");
    Path saved = folder.resolve("world.safetensors");
    made(common, start, "--actions=" + before + " " + after, "--chunks=8", "--output=" + whole);
    Path first = folder.resolve("first");
    made(
        common, start, "--actions=" + before, "--chunks=3", "--save=" + saved, "--output=" + first);
    Path second = folder.resolve("second");
    List<String> resumed = new ArrayList<>(common);
    resumed.addAll(
        List.of("--resume=" + saved, "--actions=" + after, "--chunks=5", "--output=" + second));
    inAnotherProcess(resumed);
    List<Path> expected = frames(whole);
    List<Path> found = new ArrayList<>(frames(first));
    int made = found.size();
    found.addAll(frames(second));
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(-1, Files.mismatch(expected.get(i), found.get(i)), "frame " + i);
    }
    assertNotEquals(-1, Files.mismatch(expected.get(made - 1), expected.getLast()), "one picture");
  }

  private void made(List<String> common, String start, String... options) {
    List<String> arguments = new ArrayList<>(common);
    if (!start.isEmpty()) {
      arguments.add(start);
    }
    arguments.addAll(Arrays.asList(options));
    assertEquals(0, run(arguments), console::err);
  }

  private int run(List<String> arguments) {
    Environment environment = new Environment(Families.ALL, DEMO, console.console());
    return Orrery.run(environment, arguments.toArray(String[]::new));
  }

  private static void inAnotherProcess(List<String> arguments) throws Exception {
    String told = inAnotherProcess(List.of(), arguments, 0);
    assertTrue(told.contains("going on after 3 chunks of "), told);
  }

  /**
   * Runs the program.
   *
   * @param launcher words in front of the command that starts Java
   * @return what it wrote
   */
  private static String inAnotherProcess(
      List<String> launcher, List<String> arguments, int expectedCode) throws Exception {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:-UsePerfData",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(expectedCode, process.waitFor(), told);
    return told;
  }

  /** A disk that is full in the middle of it: what was there stays, and nothing is half there. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFullDiskLeavesWhatWasThere() throws Exception {
    Path results = Files.createDirectory(folder.resolve("results"));
    Path saved = Files.writeString(results.resolve("world.safetensors"), "what was there");
    // In blocks of 512 or 1024 bytes, as the shell counts: less than the session has.
    List<String> limited = List.of("sh", "-c", "ulimit -f 32 && exec \"$@\"", "sh");
    List<String> arguments =
        List.of(
            "generate",
            "--model=" + worldPlay,
            "--prompt=castle",
            "--backend=cpu",
            "--chunks=1",
            "--save=" + saved,
            "--output=" + results.resolve("frames"));
    String told = inAnotherProcess(limited, arguments, 1);
    String last = told.lines().toList().getLast();
    assertEquals("orrery: " + saved + ": cannot be written: File too large", last);
    assertEquals("what was there", Files.readString(saved));
    assertEquals(List.of(saved), frames(results));
    List<String> unlimited = List.of("sh", "-c", "exec \"$@\"", "sh");
    inAnotherProcess(unlimited, arguments, 0);
    assertTrue(Files.size(saved) > 32 << 10, Files.size(saved) + " bytes");
  }

  private static List<Path> frames(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Moves of a camera go on from where it is, and what is written is the way of this video. */
  @Test
  void aCameraGoesOnFromWhereItIs() throws Exception {
    List<String> common = List.of("generate", "--model=" + worldPlay, "--backend=cpu");
    String prompt = "--prompt=castle";
    Path wholeCameras = folder.resolve("whole.json");
    made(
        common,
        prompt,
        "--camera=w-7, right-4",
        "--camera-out=" + wholeCameras,
        "--output=" + folder.resolve("whole"));
    Path saved = folder.resolve("world.safetensors");
    made(common, prompt, "--camera=w-7", "--save=" + saved, "--output=" + folder.resolve("first"));
    Path cameras = folder.resolve("second.json");
    Path strip = folder.resolve("strip.png");
    Path second = folder.resolve("second");
    made(
        common,
        "--resume=" + saved,
        "--camera=right-4",
        "--camera-out=" + cameras,
        "--camera-strip=" + strip,
        "--output=" + second);
    CameraPath expected = CameraFile.read(wholeCameras);
    assertEquals(12, expected.frames());
    assertEquals(expected.cameras().subList(8, 12), CameraFile.read(cameras).cameras());
    assertTrue(Files.size(strip) > 1000);
    List<Path> whole = frames(folder.resolve("whole"));
    List<Path> found = frames(second);
    assertEquals(16, found.size());
    for (int i = 0; i < 16; i++) {
      assertEquals(-1, Files.mismatch(whole.get(29 + i), found.get(i)), "frame " + i);
    }
    // Poses are places in the world.
    Path again = folder.resolve("again");
    made(common, "--resume=" + saved, "--camera=@" + cameras, "--output=" + again);
    assertEquals(16, frames(again).size());
    assertEquals(-1, Files.mismatch(found.getLast(), frames(again).getLast()));
  }
}
