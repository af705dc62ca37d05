package dev.orrery.cli;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ModelIdentity;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SavedSession;
import dev.orrery.model.session.SessionDescription;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.IntConsumer;

/** A model of 32x16 pixels whose frames tell seed, image and action by their colour. */
final class FakeModels implements ModelFamily {
  static final int WIDTH = 32;
  static final int HEIGHT = 16;
  static final int FIRST_CHUNK = 9;
  static final int CHUNK = 12;

  /** Called at the beginning of each step with the index of the chunk. */
  IntConsumer beforeStep = chunk -> {};

  /** Called when a session is to be started. */
  Runnable beforeStart = () -> {};

  /** Called when a session is to be saved. */
  Runnable beforeSave = () -> {};

  /** Names of the backends of the models loaded so far. */
  final StringBuilder backends = new StringBuilder();

  /** The keys that models answer to. */
  String keys = "wsadjlikq";

  /** What models start from. */
  StartRequirements start = StartRequirements.of(WIDTH, HEIGHT).withImages(1, 1);

  /** The number of steps that models are made for; null if they take any. */
  Integer fixedSteps = 3;

  int open;

  /** Red of every frame that {@code keys} asks for. */
  static int red(String keys) {
    return keys.isEmpty() ? 0 : keys.chars().sum() % 251;
  }

  private static ModelIdentity identity(int steps) {
    return new ModelIdentity(
        "fake", "Fake, 32x16", WIDTH, HEIGHT, 25, steps, LatentDecoder.VAE, "none");
  }

  /** The families that tests offer the command line: this one alone. */
  Families families() {
    return new Families(List.of(this));
  }

  @Override
  public String id() {
    return "fake";
  }

  @Override
  public boolean recognizes(Path folder) {
    return true;
  }

  @Override
  public ModelFolder open(Path folder) {
    return new Folder(3);
  }

  private final class Folder implements ModelFolder {
    private final int steps;

    Folder(int steps) {
      this.steps = steps;
    }

    @Override
    public ModelFolder withSteps(int wanted) {
      return fixedSteps == null ? new Folder(wanted) : ModelFolder.super.withSteps(wanted);
    }

    @Override
    public String description() {
      return "Fake, 32x16";
    }

    @Override
    public VideoShape video() {
      return new VideoShape(WIDTH, HEIGHT, 25);
    }

    @Override
    public int framesOfChunk(int chunk) {
      return chunk == 0 ? FIRST_CHUNK : CHUNK;
    }

    @Override
    public ActionSpace actionSpace() {
      return new Keys();
    }

    @Override
    public int steps() {
      return steps;
    }

    @Override
    public StartRequirements startRequirements() {
      return start;
    }

    @Override
    public List<NetworkWeights<?>> networks() {
      return List.of();
    }

    @Override
    public MemoryPlan plan(PlanningBackend backend) {
      return new MemoryPlan(
          "Fake", 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 6 << 20, 7 << 20, 0, 0);
    }

    @Override
    public WorldModel load(Backend backend, Progress progress) {
      backends.append(backend.name()).append(' ');
      progress.report("loading weights", 1, 1);
      open++;
      return new World(backend, steps);
    }
  }

  private record Held(String keys) implements Action {}

  private final class Keys implements ActionSpace {
    @Override
    public List<String> switches() {
      return keys.chars().mapToObj(Character::toString).toList();
    }

    @Override
    public List<KeyBinding> keyBindings() {
      return switches().stream()
          .map(key -> new KeyBinding(key, "key " + key, ActionInput.held(key)))
          .toList();
    }

    @Override
    public Action encode(ActionInput input) {
      return new Held(String.join("", new TreeSet<>(input.held())));
    }
  }

  private final class World implements WorldModel {
    private final Backend backend;
    private final int steps;

    World(Backend backend, int steps) {
      this.backend = backend;
      this.steps = steps;
    }

    @Override
    public String description() {
      return "Fake, 32x16";
    }

    @Override
    public MemoryPlan memory() {
      return new MemoryPlan(description(), 0, 0, 0, 0, 0, 0, 0, 0, 0);
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
    public ActionSpace actionSpace() {
      return new Keys();
    }

    @Override
    public int framesOfChunk(int chunk) {
      return chunk == 0 ? FIRST_CHUNK : CHUNK;
    }

    @Override
    public EncodedStart encode(Start start, Progress progress) {
      beforeStart.run();
      progress.report("encoding the image", 1, 1);
      byte told =
          start
              .tokens()
              .map(tokens -> (byte) tokens.ids()[0])
              .orElseGet(() -> start.images().getLast().rgb()[0]);
      return seed -> {
        open++;
        return new Session(backend, steps, (int) seed, told);
      };
    }

    @Override
    public WorldSession resume(Path file, Progress progress) {
      try (SavedSession saved = SavedSession.open(file)) {
        saved.requireGoesOn(identity(steps), backend);
        int seed = (int) saved.description().seed();
        Session session = new Session(backend, steps, seed, (byte) 0);
        saved.restore(backend, session);
        open++;
        return session;
      }
    }

    @Override
    public void close() {
      open--;
    }
  }

  private final class Session implements WorldSession {
    private final Backend backend;
    private final int steps;
    private final int seed;
    private byte image;
    private volatile boolean cancelled;
    private int chunk;

    Session(Backend backend, int steps, int seed, byte image) {
      this.backend = backend;
      this.steps = steps;
      this.seed = seed;
      this.image = image;
    }

    @Override
    public long seed() {
      return 0;
    }

    @Override
    public int chunk() {
      return chunk;
    }

    @Override
    public int nextFrames() {
      return chunk == 0 ? FIRST_CHUNK : CHUNK;
    }

    @Override
    public void trace(Trace trace) {}

    @Override
    public void visitState(SessionState.Visitor state) {
      chunk = (int) state.number("chunk", chunk, Integer.MAX_VALUE);
      image = (byte) state.number("image", image & 255, 255);
    }

    @Override
    public VideoFrames step(List<? extends Action> actions, Progress progress) {
      if (actions.size() != nextFrames()) {
        throw new IllegalArgumentException(
            "expected " + nextFrames() + ", found " + actions.size());
      }
      beforeStep.accept(chunk);
      if (cancelled) {
        throw new CancellationException();
      }
      progress.report("chunk " + chunk, 1, 2);
      byte[] rgb = new byte[actions.size() * WIDTH * HEIGHT * 3];
      for (int i = 0; i < rgb.length; i += 3) {
        rgb[i] = (byte) red(((Held) actions.get(i / (WIDTH * HEIGHT * 3))).keys());
        rgb[i + 1] = (byte) seed;
        rgb[i + 2] = image;
      }
      chunk++;
      return new VideoFrames(actions.size(), HEIGHT, WIDTH, rgb);
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public WorldSession fork() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void save(Path file, Progress progress) {
      beforeSave.run();
      long frames = chunk == 0 ? 0 : FIRST_CHUNK + (chunk - 1) * CHUNK;
      SessionDescription description =
          new SessionDescription(
              identity(steps), seed, chunk, frames, SessionDescription.Host.of(backend));
      SavedSession.write(file, description, this, backend, progress);
    }

    @Override
    public void close() {
      open--;
    }
  }
}
