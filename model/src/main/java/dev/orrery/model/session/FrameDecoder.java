package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/** Turns what the chunks of a session are made of, latents or token ids, into video frames. */
public interface FrameDecoder extends SessionState.Part {
  /**
   * Decodes the next latent frames of a stream, a chunk or a part of one. How many video frames
   * they become only the family knows.
   *
   * @param generated one latent frame for each entry of the first axis, see {@link
   *     GeneratedChunk#decodable}
   */
  VideoFrames decode(Tensor generated, Trace trace);
}
