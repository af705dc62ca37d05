package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionRecording;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.video.FrameRate;
import dev.orrery.video.VideoFormat;
import dev.orrery.video.VideoSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionRecorderTest {
  private static final Path DEMO = Path.of(System.getProperty("project.root"), "models/demo-world");
  private static final VideoFormat FORMAT = new VideoFormat(32, 16, FrameRate.of(25));
  private static final ActionInput W = ActionInput.held("forward");

  @TempDir Path folder;

  /** From the first chunk on, and from the third one with the session that was saved before it. */
  @Test
  void aRecordingMakesTheSameFramesAgain() throws IOException {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel world = Families.ALL.open(DEMO).load(backend, Progress.NONE)) {
      RgbImage image = RgbImage.read(DEMO.resolve("start.png"));
      Path saved = folder.resolve("later.safetensors");
      Random random = new Random(3);
      try (WorldSession session = world.start(image, 7);
          SessionRecorder whole = recorder("whole", world)) {
        for (int chunk = 0; chunk < 2; chunk++) {
          play(session, inputs(session.nextFrames(), random), world, whole);
        }
        session.save(saved);
        try (SessionRecorder later = recorder("later", world)) {
          for (int chunk = 0; chunk < 2; chunk++) {
            play(session, inputs(session.nextFrames(), random), world, whole, later);
          }
          later.finish();
        }
        whole.finish();
      }
      try (WorldSession session = world.start(image, 7)) {
        again(session, "whole", world);
      }
      try (WorldSession session = world.resume(saved, Progress.NONE)) {
        again(session, "later", world);
      }
      assertSameFolders("whole", 9 + 3 * 12);
      assertSameFolders("later", 2 * 12);
    }
  }

  private SessionRecorder recorder(String name, WorldModel world) throws IOException {
    return SessionRecorder.open(
        VideoSink.open(folder.resolve(name), format(world)),
        folder.resolve(name + ".jsonl"),
        world.actionSpace());
  }

  private static VideoFormat format(WorldModel world) {
    return new VideoFormat(world.width(), world.height(), FrameRate.of(world.framesPerSecond()));
  }

  /** Another input for each frame, of keys and a mouse whose movements have all their digits. */
  private static List<ActionInput> inputs(int frames, Random random) {
    List<ActionInput> inputs = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      ActionInput moved =
          ActionInput.axis("yaw", random.nextDouble(-1, 1))
              .and(ActionInput.axis("pitch", random.nextDouble(-1, 1)));
      inputs.add(random.nextBoolean() ? moved : moved.and(ActionInput.held("forward", "left")));
    }
    return inputs;
  }

  private static void play(
      WorldSession session,
      List<ActionInput> inputs,
      WorldModel world,
      SessionRecorder... recorders)
      throws IOException {
    for (SessionRecorder recorder : recorders) {
      recorder.begin(inputs);
    }
    List<Action> actions = inputs.stream().map(world.actionSpace()::action).toList();
    session.stream(
        actions,
        Progress.NONE,
        made -> {
          for (SessionRecorder recorder : recorders) {
            recorder.write(made);
          }
        });
  }

  /** What the program does with {@code --actions}. */
  private void again(WorldSession session, String name, WorldModel world) throws IOException {
    ActionRecording recording =
        ActionRecording.read(folder.resolve(name + ".jsonl"), world.actionSpace());
    try (VideoSink video = VideoSink.open(folder.resolve(name + "-again"), format(world))) {
      session.rollout(recording::at, recording.frames(), Progress.NONE, video::write);
      video.finish();
    }
  }

  private void assertSameFolders(String name, int frames) throws IOException {
    Set<Path> made = names(folder.resolve(name));
    assertEquals(frames, made.size());
    assertEquals(made, names(folder.resolve(name + "-again")));
    for (Path file : made) {
      Path again = folder.resolve(name + "-again").resolve(file);
      assertEquals(-1, Files.mismatch(folder.resolve(name).resolve(file), again), file.toString());
    }
  }

  private static Set<Path> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new TreeSet<>(files.map(Path::getFileName).toList());
    }
  }

  @Test
  void nothingIsLeftWithoutFinish() throws IOException {
    SessionRecorder recorder = keys("a.mp4");
    recorder.begin(List.of(W, W));
    recorder.write(frames(2));
    recorder.close();
    recorder.close();
    assertEquals(Set.of(), names(folder));
    assertClosed(() -> recorder.begin(List.of(W)));
    assertClosed(() -> recorder.write(frames(0)));
    assertClosed(recorder::finish);
  }

  @Test
  void nothingAppearsBeforeTheEndAndNothingComesAfterIt() throws IOException {
    Path actions = Files.writeString(folder.resolve("walk.jsonl"), "old");
    try (SessionRecorder recorder = keys("frames")) {
      recorder.begin(List.of(W, ActionInput.NONE));
      recorder.write(frames(1));
      recorder.write(frames(1));
      assertEquals("old", Files.readString(actions));
      assertTrue(Files.notExists(folder.resolve("frames")));
      recorder.finish();
      assertClosed(() -> recorder.begin(List.of(W)));
      assertClosed(() -> recorder.write(frames(0)));
      assertClosed(recorder::finish);
    }
    assertEquals("{\"keys\":[\"forward\"]}\n{\"keys\":[]}\n", Files.readString(actions));
    assertEquals(Set.of(Path.of("frames"), Path.of("walk.jsonl")), names(folder));
    assertEquals(2, names(folder.resolve("frames")).size());
  }

  /** What was cancelled before its first frame was never made; what was cut short was. */
  @Test
  void chunksThatEndEarly() throws IOException {
    try (SessionRecorder recorder = keys("frames")) {
      recorder.begin(Collections.nCopies(9, W));
      recorder.begin(List.of(ActionInput.held("back"), W, W));
      recorder.write(frames(0));
      recorder.write(frames(1));
      assertEquals(
          "expected all 3 frames of the chunk before, found 1",
          assertThrows(IllegalStateException.class, () -> recorder.begin(List.of(W))).getMessage());
      assertEquals(
          "frames: expected at most 2 of the chunk that was begun, found 3",
          assertThrows(IllegalArgumentException.class, () -> recorder.write(frames(3)))
              .getMessage());
      recorder.finish();
    }
    assertEquals(
        List.of("{\"keys\":[\"back\"]}", "{\"keys\":[\"forward\"]}", "{\"keys\":[\"forward\"]}"),
        Files.readAllLines(folder.resolve("walk.jsonl")));
    assertEquals(Set.of(Path.of("frame-000000.png")), names(folder.resolve("frames")));
  }

  @Test
  void aRecordingOfNothingIsNone() throws IOException {
    try (SessionRecorder recorder = keys("frames")) {
      recorder.begin(List.of(W));
      assertEquals(
          "expected frames before the end of a recording, found none",
          assertThrows(IllegalStateException.class, recorder::finish).getMessage());
    }
    assertEquals(Set.of(), names(folder));
  }

  /** As many as can be read again; what there is can be kept. */
  @Test
  void aRecordingEndsWhereItCouldNotBeReadAgain() throws IOException {
    int many = ActionRecording.MAX_FRAMES / 2;
    Path actions = folder.resolve("walk.jsonl");
    try (SessionRecorder recorder = SessionRecorder.open(new NoVideo(), actions, new Keys())) {
      for (int half = 0; half < 2; half++) {
        recorder.begin(Collections.nCopies(many, W));
        recorder.write(new VideoFrames(many, 1, 1, new byte[3 * many]));
      }
      assertEquals(
          actions + ": a recording has at most 100000 frames; end this one and begin another",
          assertThrows(IOException.class, () -> recorder.begin(List.of(W))).getMessage());
      recorder.finish();
    }
    assertEquals(100_000, ActionRecording.read(actions, new Keys()).frames());
  }

  @Test
  void inputsOfAnotherModelAreRefused() throws IOException {
    try (SessionRecorder recorder = keys("frames")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> recorder.begin(List.of(W, ActionInput.held("fly"))));
      recorder.begin(List.of(W));
      recorder.write(frames(1));
      recorder.finish();
    }
    assertEquals(1, Files.readAllLines(folder.resolve("walk.jsonl")).size());
  }

  @Test
  void aModelWithoutActionsHasAVideoOnly() throws IOException {
    ActionSpace none = new Keys(List.of());
    VideoSink video = VideoSink.open(folder.resolve("frames"), FORMAT);
    try (SessionRecorder recorder =
        SessionRecorder.open(video, folder.resolve("walk.jsonl"), none)) {
      recorder.begin(Collections.nCopies(3, ActionInput.NONE));
      recorder.write(frames(3));
      recorder.finish();
    }
    assertEquals(Set.of(Path.of("frames")), names(folder));
  }

  @Test
  void placesThatCannotBeWrittenLeaveNothing() throws IOException {
    VideoSink video = VideoSink.open(folder.resolve("a.mp4"), FORMAT);
    Path lost = folder.resolve("none/walk.jsonl");
    assertEquals(
        lost + ": the folder " + lost.getParent() + " does not exist",
        assertThrows(IOException.class, () -> SessionRecorder.open(video, lost, new Keys()))
            .getMessage());
    assertEquals(Set.of(), names(folder));
    VideoSink other = VideoSink.open(folder.resolve("a.mp4"), FORMAT);
    Path script = folder.resolve("walk.txt");
    assertEquals(
        "actions: expected a name that ends in .jsonl, found " + script,
        assertThrows(
                IllegalArgumentException.class,
                () -> SessionRecorder.open(other, script, new Keys()))
            .getMessage());
    assertEquals(Set.of(), names(folder));
  }

  private SessionRecorder keys(String video) throws IOException {
    return SessionRecorder.open(
        VideoSink.open(folder.resolve(video), FORMAT), folder.resolve("walk.jsonl"), new Keys());
  }

  private static VideoFrames frames(int count) {
    return new VideoFrames(count, 16, 32, new byte[count * 16 * 32 * 3]);
  }

  private interface Failing {
    void run() throws IOException;
  }

  private static void assertClosed(Failing call) {
    String message = assertThrows(IOException.class, call::run).getMessage();
    assertTrue(message.endsWith(": the output was closed"), message);
  }

  private record Keys(List<String> switches) implements ActionSpace {
    Keys() {
      this(List.of("forward", "back"));
    }

    @Override
    public List<KeyBinding> keyBindings() {
      return List.of();
    }

    @Override
    public Action encode(ActionInput input) {
      return new Action() {};
    }
  }

  /** Takes any number of frames. */
  private static final class NoVideo implements VideoSink {
    @Override
    public void write(VideoFrames chunk) {}

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }
}
