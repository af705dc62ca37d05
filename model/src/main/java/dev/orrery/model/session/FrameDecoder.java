package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/** Turns what the chunks of a session are made of, latents or token ids, into video frames. */
public interface FrameDecoder extends SessionState.Part {
  /**
   * Decodes the next chunk of a stream.
   *
   * @param generated what the generator made, its latent frames along the first axis
   */
  VideoFrames decode(Tensor generated, Trace trace);
}
