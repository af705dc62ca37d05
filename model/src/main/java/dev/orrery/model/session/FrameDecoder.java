package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/** Turns what the chunks of a session are made of, latents or token ids, into video frames. */
public interface FrameDecoder extends SessionState.Part {
  /**
   * Decodes the next chunk of a stream. How many video frames it becomes, all at once or one for
   * each entry of the first axis, only the family knows.
   *
   * @param generated what the generator made
   */
  VideoFrames decode(Tensor generated, Trace trace);
}
