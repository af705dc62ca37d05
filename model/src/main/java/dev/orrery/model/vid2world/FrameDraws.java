package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.PassRunner;

/**
 * The draws of a new frame, each from a stream of its own.
 *
 * @param runner brings draws to the backend
 * @param noise what is drawn from
 * @param chunk index of the frame among those that are made
 */
record FrameDraws(PassRunner runner, NoiseSource noise, long chunk) {
  /** More than the kinds of draws and the steps together. */
  private static final long STREAMS = 2048;

  /** What is drawn. */
  enum Kind {
    /** For the latents of frames that are encoded. */
    POSTERIOR,
    /** What the new frame is made from. */
    START,
    /** For frames of the past. */
    HISTORY,
    /** For the last frame of the past, in place of what it had. */
    HISTORY_LAST
  }

  /** Number of the stream of a kind of draws. */
  static long stream(long chunk, Kind kind) {
    return chunk * STREAMS + kind.ordinal();
  }

  /** Number of the stream of a step's noise. */
  static long stream(long chunk, int step) {
    return chunk * STREAMS + Kind.values().length + step;
  }

  /** Some normal deviates, on the host. */
  float[] draw(Kind kind, int count) {
    float[] values = new float[count];
    noise.fill(stream(chunk, kind), values);
    return values;
  }

  /** Fills a tensor. */
  void draw(Kind kind, Tensor out) {
    runner.draw(stream(chunk, kind), out);
  }

  /** Fills a tensor with the noise of a step. */
  void draw(int step, Tensor out) {
    runner.draw(stream(chunk, step), out);
  }
}
