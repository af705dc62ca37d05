package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.play.SessionRecorder;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.video.FrameRate;
import dev.orrery.video.VideoFormat;
import dev.orrery.video.VideoSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was played and recorded is made again by {@code orrery generate}. */
class RecordedPlayTest {
  private static final Path DEMO = Path.of(System.getProperty("project.root"), "models/demo-world");

  @TempDir Path folder;

  /** From the first chunk on, and from the second one with the session that was saved there. */
  @Test
  void generateMakesTheSameFilesAgain() throws IOException {
    Path saved = folder.resolve("later.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel world = Families.ALL.open(DEMO).load(backend, Progress.NONE);
        WorldSession session = world.start(RgbImage.read(DEMO.resolve("start.png")), 11);
        SessionRecorder whole = recorder("whole", world)) {
      play(session, world, whole);
      session.save(saved);
      try (SessionRecorder later = recorder("later", world)) {
        play(session, world, whole, later);
        later.finish();
      }
      whole.finish();
    }
    assertMadeAgain("whole", 9 + 12, "--seed=11");
    assertMadeAgain("later", 12, "--resume=" + saved);
  }

  private SessionRecorder recorder(String name, WorldModel world) throws IOException {
    FrameRate rate = FrameRate.of(world.framesPerSecond());
    return SessionRecorder.open(
        VideoSink.open(folder.resolve(name), new VideoFormat(world.width(), world.height(), rate)),
        folder.resolve(name + ".jsonl"),
        world.actionSpace());
  }

  private static void play(WorldSession session, WorldModel world, SessionRecorder... recorders)
      throws IOException {
    int chunk = session.chunk();
    List<ActionInput> inputs =
        IntStream.range(0, session.nextFrames()).mapToObj(i -> input(5 * chunk + i)).toList();
    for (SessionRecorder recorder : recorders) {
      recorder.begin(inputs);
    }
    List<Action> held = inputs.stream().map(world.actionSpace()::action).toList();
    session.stream(
        held,
        Progress.NONE,
        made -> {
          for (SessionRecorder recorder : recorders) {
            recorder.write(made);
          }
        });
  }

  private void assertMadeAgain(String name, int frames, String from) throws IOException {
    Path again = folder.resolve(name + "-again");
    TestConsole console = new TestConsole();
    int code =
        Orrery.run(
            new Environment(Families.ALL, DEMO, console.console()),
            "generate",
            "--model=" + DEMO,
            from,
            "--threads=1",
            "--actions=@" + folder.resolve(name + ".jsonl"),
            "--output=" + again);
    assertEquals(0, code, console.err());
    List<Path> made = files(folder.resolve(name));
    assertEquals(frames, made.size());
    assertEquals(frames, files(again).size());
    for (Path file : made) {
      assertEquals(-1, Files.mismatch(file, again.resolve(file.getFileName())), file.toString());
    }
  }

  /** Another one for each frame. */
  private static ActionInput input(int frame) {
    ActionInput turning = ActionInput.axis("yaw", 0.1 + 0.2 * frame / 7);
    return frame % 3 == 0 ? turning : turning.and(ActionInput.held("forward"));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
