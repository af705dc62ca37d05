package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.tensor.Tensor;

/**
 * Where a chunk lies in the video and what steers it; the same for all passes over the chunk.
 *
 * @param startFrame absolute index of the first latent frame
 * @param tokensPerFrame tokens of a latent frame
 * @param rotary cosines and sines of the tokens, {@code [F * S, D/2, 2]}
 * @param actions windows of the action modules
 */
record MatrixGame2Chunk(
    int startFrame, int tokensPerFrame, Tensor rotary, ActionModule.Inputs actions) {
  /** Index of the chunk's first token in the whole video. */
  long firstToken() {
    return (long) startFrame * tokensPerFrame;
  }
}
