package dev.orrery.model.worldplay;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/** What makes the latents of a session, chunk after chunk. Its state is what it made. */
public interface WorldPlayLoop extends SessionState.Part, AutoCloseable {
  /** A tensor like those that are decoded. */
  Tensor latents();

  /**
   * Generates the next chunk. Until it is completed it can be generated again.
   *
   * @param path of the session's camera, the chunk's frames included
   * @param trace sees the activations of each pass
   * @return clean latents {@code [F, h, w, channels]}; they are remembered when they are completed
   */
  GeneratedChunk generate(PlayedPath path, StepListener listener, Trace trace);

  /** Forgets the chunks. */
  @Override
  void close();
}
