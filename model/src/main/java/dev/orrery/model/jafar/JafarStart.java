package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The frames that a world starts from: their pixels, and their tokens. */
final class JafarStart implements SessionState.Part {
  private final JafarConfig config;
  private final Tensor pixels;
  private final int[] ids;
  private int frames;

  /**
   * Room for as many frames as may come before a new one.
   *
   * @param arena owner of the memory
   */
  JafarStart(JafarConfig config, TensorArena arena) {
    this.config = config;
    int room = config.frames() - 1;
    pixels = arena.empty(DType.F32, room, config.height(), config.width(), 3);
    ids = new int[room * config.tokens()];
  }

  /** How many frames there are. */
  int frames() {
    return frames;
  }

  /** {@code [frames, Y, X, 3]} in [0, 1], fp32. */
  Tensor pixels() {
    return pixels.slice(0, frames);
  }

  /** Tokens of a frame. */
  int[] ids(int frame) {
    int count = config.tokens();
    return Arrays.copyOfRange(ids, frame * count, (frame + 1) * count);
  }

  /**
   * Encodes frames, oldest first.
   *
   * @param images of each of them, {@code [Y, X, 3]} in [0, 1], on the host
   */
  void encode(
      List<Tensor> images, JafarTokenizer tokenizer, StartResources resources, Progress progress) {
    frames = images.size();
    Backend backend = resources.backend();
    int count = config.tokens();
    FrameCache cache = tokenizer.newEncoderCache(config.frames(), resources.arena());
    Tensor z = resources.arena().empty(DType.F32, count, config.codeDim());
    for (int i = 0; i < frames; i++) {
      backend.copy(images.get(i), pixels.row(i));
      tokenizer.encode(pixels.slice(i, i + 1), i, cache, resources.workspace(), z, Trace.NONE);
      System.arraycopy(tokenizer.ids(z), 0, ids, i * count, count);
      progress.report("encoding images", i + 1, frames);
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    frames = (int) state.number("frames", frames, config.frames() - 1);
    if (state.restores() && frames == 0) {
      throw state.refusal("frames", "expected 1 or more, found 0");
    }
    state.tensor("pixels", pixels());
    int[] known = Arrays.copyOf(ids, frames * config.tokens());
    state.tensor(
        "ids",
        Tensor.host(DType.I32, Shape.of(frames, config.tokens()), MemorySegment.ofArray(known)));
    for (int id : known) {
      if (id < 0 || id >= config.codes()) {
        throw state.refusal("ids", "expected 0 to " + (config.codes() - 1) + ", found " + id);
      }
    }
    System.arraycopy(known, 0, ids, 0, known.length);
  }
}
