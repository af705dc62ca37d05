package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.FrameDecoder;
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
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A running world: what it was started from, what it remembers and the block it has come to. */
final class MatrixGame2Session implements WorldSession {
  /** Streams of the seed that a block may draw from: its start and every later denoising step. */
  private static final long STREAMS_PER_BLOCK = 1 << 12;

  private final MatrixGame2Config config;
  private final TensorArena arena;
  private final ActionHistory actions;
  private final BlockGenerator generator;
  private final FrameDecoder decoder;

  /** Decodes beside the transformer; null where the two would only share the same processors. */
  private final DecodingThread decodingThread;

  private int block;
  private volatile boolean cancelled;

  private MatrixGame2Session(
      MatrixGame2Config config,
      TensorArena arena,
      BlockGenerator generator,
      FrameDecoder decoder,
      DecodingThread decodingThread) {
    this.config = config;
    this.arena = arena;
    this.generator = generator;
    this.decoder = decoder;
    this.decodingThread = decodingThread;
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
      Workspace passes =
          Workspace.of(arena, memory.overlapped() ? memory.passWorkspace() : memory.workspace());
      Workspace decodes =
          memory.overlapped() ? Workspace.of(arena, memory.decodeWorkspace()) : passes;
      DecodingThread decodingThread =
          memory.overlapped() ? new DecodingThread(backend, config.emptyLatents(arena)) : null;
      return new MatrixGame2Session(
          config,
          arena,
          new BlockGenerator(model, condition, noise, arena, passes),
          model.newDecoder(arena, decodes),
          decodingThread);
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
    Tensor latents = generate(frameActions, progress);
    VideoFrames frames = decoder.decode(latents, Trace.NONE);
    endBlock(progress);
    return frames;
  }

  /**
   * {@inheritDoc}
   *
   * <p>On a device of its own, a block is decoded while the next one is made. When the sink fails,
   * the session has therefore made one more block than the sink was given.
   */
  @Override
  public <E extends Exception> void rollout(
      IntFunction<? extends Action> frameActions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    if (decodingThread == null) {
      WorldSession.super.rollout(frameActions, frames, progress, sink);
      return;
    }
    int made = 0;
    int given = 0;
    DecodingThread.Frames decoding = null;
    while (given < frames) {
      DecodingThread.Frames next = null;
      if (made < frames) {
        int first = made;
        int count = nextFrames();
        List<? extends Action> held =
            IntStream.range(first, first + count).mapToObj(frameActions).toList();
        Tensor latents;
        try {
          latents = generate(held, Progress.NONE);
        } catch (CancellationException e) {
          if (decoding != null) {
            sink.accept(decoding.await().first(Math.min(decoding.count(), frames - given)));
          }
          throw e;
        }
        next = decodingThread.decode(decoder, latents, count, decoding);
        endBlock(Progress.NONE);
        made += count;
      }
      if (decoding != null) {
        int wanted = Math.min(decoding.count(), frames - given);
        VideoFrames done = decoding.await().first(wanted);
        given += wanted;
        progress.report("making frames", given, frames);
        sink.accept(done);
      }
      decoding = next;
    }
  }

  private Tensor generate(List<? extends Action> frameActions, Progress progress) {
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
    return latents;
  }

  private void endBlock(Progress progress) {
    progress.report("block " + block, generator.passes() + 1, generator.passes() + 1);
    block++;
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
    if (decodingThread != null) {
      decodingThread.close();
    }
    arena.close();
  }
}
