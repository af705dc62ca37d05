package dev.orrery.cli;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.IntConsumer;

/** A model of 32x16 pixels whose frames tell seed, image and action by their colour. */
final class FakeModels implements Models {
  static final int WIDTH = 32;
  static final int HEIGHT = 16;
  static final int FIRST_BLOCK = 9;
  static final int BLOCK = 12;

  /** Called at the beginning of each step with the index of the block. */
  IntConsumer beforeStep = block -> {};

  /** Called when a session is to be started. */
  Runnable beforeStart = () -> {};

  /** Names of the backends of the models loaded so far. */
  final StringBuilder backends = new StringBuilder();

  int open;

  /** Red of every frame that {@code keys} asks for. */
  static int red(String keys) {
    return keys.isEmpty() ? 0 : keys.chars().sum() % 251;
  }

  @Override
  public WorldModel load(Path folder, Backend backend, Progress progress) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(folder.toString(), "expected a model folder, found nothing");
    }
    backends.append(backend.name()).append(' ');
    progress.report("loading weights", 1, 1);
    open++;
    return new World();
  }

  @Override
  public Controls controls(Path folder) {
    return new Keys();
  }

  @Override
  public MemoryPlan plan(Path folder, PlanningBackend backend) {
    return new MemoryPlan("Fake", 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 0);
  }

  @Override
  public EncodedPrompt encodePrompt(
      Path folder, String prompt, Backend backend, Progress progress) {
    throw new CheckpointException(folder.toString(), "takes no prompt");
  }

  @Override
  public EncodedPrompt storedPrompt(Path folder) {
    throw new CheckpointException(folder.toString(), "takes no prompt");
  }

  @Override
  public EncodedPrompt readPrompt(Path folder, Path file) {
    throw new CheckpointException(folder.toString(), "takes no prompt");
  }

  private record Held(String keys) implements Action {}

  private static final class Keys implements Controls {
    @Override
    public Map<Character, String> keys() {
      Map<Character, String> keys = new LinkedHashMap<>();
      for (char key : "wsadjlikq".toCharArray()) {
        keys.put(key, "key " + key);
      }
      return keys;
    }

    @Override
    public Action action(Set<Character> held) {
      StringBuilder keys = new StringBuilder();
      new TreeSet<>(held).forEach(keys::append);
      return new Held(keys.toString());
    }
  }

  private final class World implements WorldModel {
    @Override
    public String description() {
      return "Fake, 32x16";
    }

    @Override
    public int framesPerSecond() {
      return 25;
    }

    @Override
    public int width() {
      return WIDTH;
    }

    @Override
    public int height() {
      return HEIGHT;
    }

    @Override
    public Controls controls() {
      return new Keys();
    }

    @Override
    public int framesOfChunk(int block) {
      return block == 0 ? FIRST_BLOCK : BLOCK;
    }

    @Override
    public WorldSession start(RgbImage image, long seed, Progress progress) {
      beforeStart.run();
      progress.report("encoding the image", 1, 1);
      open++;
      return new Session((int) seed, image.rgb()[0]);
    }

    @Override
    public void close() {
      open--;
    }
  }

  private final class Session implements WorldSession {
    private final int seed;
    private final byte picture;
    private volatile boolean cancelled;
    private int block;

    Session(int seed, byte picture) {
      this.seed = seed;
      this.picture = picture;
    }

    @Override
    public int chunk() {
      return block;
    }

    @Override
    public int nextFrames() {
      return block == 0 ? FIRST_BLOCK : BLOCK;
    }

    @Override
    public void trace(Trace trace) {}

    @Override
    public VideoFrames step(List<? extends Action> actions, Progress progress) {
      if (actions.size() != nextFrames()) {
        throw new IllegalArgumentException(
            "expected " + nextFrames() + ", found " + actions.size());
      }
      beforeStep.accept(block);
      if (cancelled) {
        throw new CancellationException();
      }
      progress.report("block " + block, 1, 2);
      byte[] rgb = new byte[actions.size() * WIDTH * HEIGHT * 3];
      for (int i = 0; i < rgb.length; i += 3) {
        rgb[i] = (byte) red(((Held) actions.get(i / (WIDTH * HEIGHT * 3))).keys());
        rgb[i + 1] = (byte) seed;
        rgb[i + 2] = picture;
      }
      block++;
      return new VideoFrames(actions.size(), HEIGHT, WIDTH, rgb);
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public void close() {
      open--;
    }
  }
}
