package dev.orrery.model.worldplay;

import dev.orrery.kernels.tensor.Tensor;

/**
 * Where the frames of one pass stand, on the backend.
 *
 * @param firstFrame place of the first frame in the window: 0 for the pass that fills the memory,
 *     the number of remembered frames for one that makes a chunk
 * @param tokensPerFrame tokens of a latent frame
 * @param rotary {@code [F * S, pairs, 2]}, for the slots of the frames
 * @param imageFromWorld projections of the frames, {@code [F, 4, 4]}
 * @param worldFromImage inverse projections of the whole window up to the last of the frames,
 *     {@code [firstFrame + F, 4, 4]}
 */
record WorldPlayPositions(
    int firstFrame,
    int tokensPerFrame,
    Tensor rotary,
    Tensor imageFromWorld,
    Tensor worldFromImage) {
  int firstToken() {
    return Math.multiplyExact(firstFrame, tokensPerFrame);
  }
}
