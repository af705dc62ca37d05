package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;

/**
 * What a new frame is made under.
 *
 * @param actions what each frame of the window answers to, zeros for the first, {@code [n, A]}
 * @param first the clean latent of the window's first frame, {@code [1, y, x, 4]}
 * @param acting context of the pass that knows the new frame's action
 * @param idle context of the pass that does not
 */
record FrameCondition(Tensor actions, Tensor first, UnetContext acting, UnetContext idle) {}
