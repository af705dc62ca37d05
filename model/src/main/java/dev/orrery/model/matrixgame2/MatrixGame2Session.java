package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/** A running world: what it was started from, what it remembers and the block it has come to. */
final class MatrixGame2Session implements WorldSession {
  /** Streams of the seed that a block may draw from: its start and every later denoising step. */
  private static final long STREAMS_PER_BLOCK = 1 << 12;

  private final MatrixGame2Config config;
  private final TensorArena arena;
  private final ActionHistory actions;
  private final BlockGenerator generator;
  private final BlockDecoder decoder;
  private int block;
  private volatile boolean cancelled;

  private MatrixGame2Session(
      MatrixGame2Config config, TensorArena arena, BlockGenerator generator, BlockDecoder decoder) {
    this.config = config;
    this.arena = arena;
    this.generator = generator;
    this.decoder = decoder;
    this.actions = new ActionHistory(config.dit().action(), config.framesPerBlock());
  }

  /**
   * Encodes the start picture and makes the caches; everything a session ever needs is allocated
   * here.
   */
  static MatrixGame2Session start(
      Loaded model, SessionMemory memory, RgbImage image, long seed, Progress progress) {
    MatrixGame2Config config = model.config();
    Backend backend = model.backend();
    Tensor picture = StartImage.prepare(image, config.height(), config.width(), backend);
    NoiseSource noise =
        (block, step, out) -> GaussianNoise.fill(seed, block * STREAMS_PER_BLOCK + step, 0, out);
    TensorArena arena = backend.newArena();
    try {
      StartEncoder.Condition condition;
      try (TensorArena temporary = backend.newArena()) {
        Workspace workspace = Workspace.of(temporary, memory.startWorkspace());
        condition = new StartEncoder(model).encode(picture, arena, temporary, workspace, progress);
      }
      Workspace workspace = Workspace.of(arena, memory.workspace());
      return new MatrixGame2Session(
          config,
          arena,
          new BlockGenerator(model, condition, noise, arena, workspace),
          new BlockDecoder(model, arena, workspace));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public int block() {
    return block;
  }

  @Override
  public int nextFrames() {
    return config.framesOfBlock(block);
  }

  @Override
  public VideoFrames step(List<? extends Action> frameActions, Progress progress) {
    if (frameActions.size() != nextFrames()) {
      throw new IllegalArgumentException(
          "actions: expected one for each of the "
              + nextFrames()
              + " frames of block "
              + block
              + ", found "
              + frameActions.size());
    }
    List<KeyboardMouse> own = new ArrayList<>();
    for (Action action : frameActions) {
      if (!(action instanceof KeyboardMouse keyboardMouse)) {
        throw new IllegalArgumentException(
            "actions: expected those of Matrix-Game 2.0, found " + action);
      }
      own.add(keyboardMouse);
    }
    actions.put(config.firstFrameOfBlock(block), own);
    String stage = "block " + block;
    Tensor latents =
        generator.generate(
            block,
            actions,
            (pass, passes) -> {
              endIfCancelled();
              progress.report(stage, pass, passes + 1);
            },
            Trace.NONE);
    endIfCancelled();
    progress.report(stage, generator.passes(), generator.passes() + 1);
    VideoFrames frames = decoder.decode(latents, Trace.NONE);
    block++;
    progress.report(stage, generator.passes() + 1, generator.passes() + 1);
    return frames;
  }

  private void endIfCancelled() {
    if (cancelled) {
      cancelled = false;
      throw new CancellationException("block " + block + " was cancelled");
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public void close() {
    arena.close();
  }
}
