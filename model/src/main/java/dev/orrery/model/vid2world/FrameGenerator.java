package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/** Makes the frames of one session, one after the other. */
interface FrameGenerator extends SessionState.Part {
  /** Forward passes of the U-Net for a frame. */
  int passes();

  /** A tensor like those that are decoded. */
  Tensor made();

  /**
   * Makes a frame. Until it is completed it can be made again.
   *
   * @param chunk its index; frames of the start are not counted
   * @param action what is done during it, to which the next one answers
   */
  GeneratedChunk generate(int chunk, Vid2WorldAction action, StepListener listener, Trace trace);
}
