package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.session.SessionResources;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;

/**
 * What the frames of a window look like, and which tokens that gives: a frame that was made is
 * decoded alone, and its pixels are encoded behind those of the frames before it. Most of its
 * tokens come out as others than were picked.
 *
 * <p>The encoder sees no later frames, so that the tokens of earlier ones stay what they are until
 * the window slides; the reference encodes all frames each time.
 */
final class Retokeniser implements SessionState.Part {
  private final JafarConfig config;
  private final JafarTokenizer tokenizer;
  private final Backend backend;
  private final Workspace workspace;
  private final int room;
  private final Tensor pixels;
  private final Tensor codes;
  private final Tensor z;
  private final FrameCache encoded;
  private final FrameCache alone;
  private int frames;

  /**
   * Nothing yet.
   *
   * @param resources owner of the pixels
   */
  Retokeniser(JafarConfig config, JafarTokenizer tokenizer, SessionResources resources) {
    this.config = config;
    this.tokenizer = tokenizer;
    backend = resources.backend();
    workspace = resources.passes();
    room = config.frames() - 1;
    TensorArena arena = resources.arena();
    pixels = arena.empty(DType.F32, room, config.height(), config.width(), 3);
    codes = arena.empty(DType.F32, config.tokens(), config.codeDim());
    z = arena.empty(DType.F32, (long) room * config.tokens(), config.codeDim());
    encoded = tokenizer.newEncoderCache(room, arena);
    alone = tokenizer.newDecoderCache(1, arena);
  }

  /** Frames that are looked at. */
  int frames() {
    return frames;
  }

  /** Begins after some frames, which are encoded already. */
  void begin(JafarStart start) {
    frames = start.frames();
    backend.copy(start.pixels(), pixels.slice(0, frames));
    backend.batch(() -> encode(0));
    encoded.keep(frames);
  }

  /**
   * Looks at a frame that was made.
   *
   * @param ids the tokens that were picked
   * @return tokens of the newest frames: of this one, or of all once the window slides, since then
   *     all have another place in it
   */
  int[][] again(int[] ids) {
    boolean slides = frames == room;
    if (slides) {
      for (int i = 1; i < frames; i++) {
        backend.copy(pixels.row(i), pixels.row(i - 1));
      }
      frames--;
    }
    backend.copy(tokenizer.codes(ids), codes);
    frames++;
    int first = slides ? 0 : frames - 1;
    backend.batch(
        () -> {
          Tensor made = pixels.slice(frames - 1, frames);
          tokenizer.decode(codes, 0, alone, workspace, made, Trace.NONE);
          encode(first);
        });
    encoded.keep(slides ? 0 : frames);
    return found(first);
  }

  /** Encodes the frames from {@code first} on. */
  private void encode(int first) {
    tokenizer.encode(
        pixels.slice(first, frames), first, encoded, workspace, codesOf(first), Trace.NONE);
  }

  /** What the frames from {@code first} on are encoded as, before it becomes tokens. */
  private Tensor codesOf(int first) {
    return z.slice(0, (long) (frames - first) * config.tokens());
  }

  /** Tokens of the frames from {@code first} on, which were encoded. */
  private int[][] found(int first) {
    int count = config.tokens();
    int made = frames - first;
    int[] ids = tokenizer.ids(codesOf(first));
    int[][] byFrame = new int[made][];
    for (int i = 0; i < made; i++) {
      byFrame[i] = Arrays.copyOfRange(ids, i * count, (i + 1) * count);
    }
    return byFrame;
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    frames = (int) state.number("frames", frames, room);
    state.tensor("pixels", pixels.slice(0, frames));
    state.part("encoded", part -> encoded.visitState(part, frames));
  }
}
