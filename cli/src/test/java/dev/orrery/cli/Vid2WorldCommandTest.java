package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.model.Families;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.model.vid2world.Vid2World;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line with a tiny Vid2World of Counter-Strike, and one of a robot. */
class Vid2WorldCommandTest {
  @TempDir static Path shared;

  private static Path shooter;
  private static Path robot;

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();

  @BeforeAll
  static void writeModels() throws IOException {
    shooter = shared.resolve("csgo");
    SyntheticModel.write(Vid2World.FAMILY, SyntheticScale.TINY, 1, shooter, Progress.NONE);
    robot = shared.resolve("robot");
    SyntheticModel.write(
        Vid2World.FAMILY.syntheticVariant("robot"), SyntheticScale.TINY, 1, robot, Progress.NONE);
  }

  private int run(String... arguments) {
    console.reset();
    Environment environment = new Environment(Families.ALL, shooter, console.console());
    return Orrery.run(environment, arguments);
  }

  private byte[] video(Path model, String... options) throws IOException {
    Path video = folder.resolve("video.gif");
    List<String> arguments =
        new ArrayList<>(List.of("generate", "--model=" + model, "--steps=2", "--output=" + video));
    arguments.addAll(List.of(options));
    assertEquals(0, run(arguments.toArray(String[]::new)), console::err);
    byte[] bytes = Files.readAllBytes(video);
    Files.delete(video);
    return bytes;
  }

  private Path pictures() throws IOException {
    Path frames = Files.createDirectory(folder.resolve("frames"));
    for (int i = 0; i < 2; i++) {
      byte[] rgb = new byte[3 * 40 * 30];
      Arrays.fill(rgb, (byte) (60 + 50 * i));
      new RgbImage(40, 30, rgb).writePng(frames.resolve(i + ".png"));
    }
    return frames;
  }

  @Test
  void keysAndTheMouseMove() throws IOException {
    String image = "--image=" + pictures();
    byte[] walk = video(shooter, image, "--actions=w*2 w+mouse-x=30*2");
    assertTrue(console.err().contains("\nseed    42, 2 steps\n"), console.err());
    assertTrue(console.err().contains("4 frames of 8x4"), console.err());
    assertArrayEquals(walk, video(shooter, image, "--actions=w*2 w+mouse-x=30*2", "--threads=1"));
    assertFalse(Arrays.equals(walk, video(shooter, image, "--actions=w*4")));
  }

  @Test
  void aRobotFollowsAFileOfRows() throws IOException {
    Path rows = folder.resolve("drive.csv");
    Files.writeString(rows, "0.5,0,0.1\n1,0,0.2\n1,0,0\n");
    byte[] drive = video(robot, "--actions=@" + rows);
    Files.writeString(rows, "0.5,0,0.1\n-1,0,0.2\n1,0,0\n");
    assertFalse(Arrays.equals(drive, video(robot, "--actions=@" + rows)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "csgo  | --steps=0                     | --steps: expected 2 to 1000, found 0",
        "csgo  | --steps=1                     | --steps: expected 2 to 1000, found 1",
        "csgo  | --steps=1001                  | --steps: expected 2 to 1000, found 1001",
        "robot | --steps=1                     | --steps: expected 2 to 1000, found 1",
        "csgo  | --actions=w+mouse-x=NaN*4     | mouse-x",
        "csgo  | --actions=w+mouse-y=1e999*4   | mouse-y",
        "robot | --actions=@FOLDER/long.csv    | line 2: expected 3 numbers, found [1.0, 2.0, 3.0, 4.0]",
        "robot | --actions=@FOLDER/nan.csv     | line 1: expected a finite number in column 2, found \"NaN\"",
        "robot | --actions=@FOLDER/endless.csv | line 1: expected a finite number in column 1, found \"1e999\"",
      })
  void whatCannotBeUsedIsOneLine(String model, String option, String expected) throws IOException {
    Files.writeString(folder.resolve("long.csv"), "1,2,3\n1,2,3,4\n");
    Files.writeString(folder.resolve("nan.csv"), "1,NaN,3\n");
    Files.writeString(folder.resolve("endless.csv"), "1e999,2,3\n");
    Path video = folder.resolve("video.gif");
    int code =
        run(
            "generate",
            "--model=" + shared.resolve(model),
            "--frames=1",
            "--output=" + video,
            option.replace("FOLDER", folder.toString()));
    String told = console.err();
    assertEquals(2, code, told);
    List<String> failures = told.lines().filter(line -> line.startsWith("orrery: ")).toList();
    assertEquals(1, failures.size(), told);
    assertTrue(failures.getFirst().contains(expected), told);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(3, files.count(), "half-written");
    }
  }
}
