package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.BeforePass;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionMemory;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/** A running world: what it was started from, what it remembers and the chunk it has come to. */
final class MatrixGame2Session extends ChunkSession {
  /** Streams of the seed that a chunk may draw from: its start and every later denoising step. */
  private static final long STREAMS_PER_CHUNK = 1 << 12;

  private final MatrixGame2Config config;
  private final ActionHistory actions;
  private final MatrixGame2Generator generator;

  private MatrixGame2Session(
      Loaded model,
      TensorArena arena,
      MatrixGame2Generator generator,
      FrameDecoder decoder,
      Tensor decoding) {
    super(model.backend(), arena, decoder, decoding);
    this.config = model.config();
    this.generator = generator;
    this.actions = new ActionHistory(config.dit().action(), config.framesPerChunk());
  }

  /**
   * Encodes the start image and makes the caches; everything a session ever needs is allocated
   * here.
   */
  static MatrixGame2Session start(
      Loaded model, SessionMemory memory, RgbImage image, long seed, Progress progress) {
    MatrixGame2Config config = model.config();
    Backend backend = model.backend();
    Tensor picture = StartImage.prepare(image, config.height(), config.width(), backend);
    NoiseSource noise =
        (chunk, step, out) -> GaussianNoise.fill(seed, chunk * STREAMS_PER_CHUNK + step, 0, out);
    TensorArena arena = backend.newArena();
    try {
      StartEncoder.Condition condition;
      try (TensorArena temporary = backend.newArena()) {
        Workspace workspace = Workspace.of(temporary, memory.startWorkspace());
        condition = new StartEncoder(model).encode(picture, arena, temporary, workspace, progress);
      }
      SessionMemory.Workspaces workspaces = memory.workspaces(arena);
      return new MatrixGame2Session(
          model,
          arena,
          new MatrixGame2Generator(model, condition, noise, arena, workspaces.passes()),
          model.newDecoder(arena, workspaces.decodes()),
          memory.overlapped() ? config.emptyLatents(arena) : null);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  @Override
  protected int passes() {
    return generator.passes();
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return config.framesOfChunk(chunk);
  }

  @Override
  protected Tensor generate(
      int chunk, List<? extends Action> frameActions, BeforePass before, Trace trace) {
    List<KeyboardMouse> own = new ArrayList<>();
    for (Action action : frameActions) {
      if (!(action instanceof KeyboardMouse keyboardMouse)) {
        throw new IllegalArgumentException(
            "actions: expected those of Matrix-Game 2.0, found " + action);
      }
      own.add(keyboardMouse);
    }
    actions.put(config.firstFrameOfChunk(chunk), own);
    return generator.generate(chunk, actions, before, trace);
  }
}
