package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.Tensor;

/**
 * What the frames of one pass see of each other and of the remembered ones, on the backend.
 *
 * @param firstToken tokens of the remembered frames before those of the pass; 0 for the pass that
 *     fills the memory
 * @param rotary for the slots of all frames, remembered ones first: {@code [firstToken + T, pairs,
 *     2]}
 * @param imageFromWorld projections of the frames of the pass, {@code [F, 4, 4]}
 * @param worldFromImage inverse projections of all frames, {@code [frames, 4, 4]}
 */
record SeenFrames(int firstToken, Tensor rotary, Tensor imageFromWorld, Tensor worldFromImage) {}
