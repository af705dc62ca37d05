package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;

/**
 * What all blocks of a pass are told.
 *
 * @param frames of the window
 * @param embedding of each frame's time, frames per second and action, {@code [F, 4C]}, activated
 * @param context what the frames attend to besides each other
 * @param zeros a vector of zeros, for what lies before the first frame
 */
record UnetPass(int frames, Tensor embedding, UnetContext context, Tensor zeros) {}
