package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;

/**
 * What is said of each frame of a window, on the backend in fp32.
 *
 * @param timesteps noise level of each frame, 0 to 999, {@code [F]}
 * @param framesPerSecond of the video, {@code [1]}
 * @param actions what each frame answers to: the action of the frame before it, zeros for the
 *     first, {@code [F, A]}
 * @param acts whether each frame's action is told
 */
record UnetFrames(Tensor timesteps, Tensor framesPerSecond, Tensor actions, boolean[] acts) {
  /** Frames of the window. */
  int count() {
    return acts.length;
  }
}
