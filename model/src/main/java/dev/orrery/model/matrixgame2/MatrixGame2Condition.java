package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/**
 * What the start image says to every chunk of a session.
 *
 * @param frames mask and latents of a video that shows the image and then grey, {@code [n, h, w,
 *     20]}; the last frames of a chunk stand for all that follow
 * @param imageFeatures tokens of the image encoder, {@code [N, I]}
 * @param images their keys and values for each block of the transformer
 */
record MatrixGame2Condition(Tensor frames, Tensor imageFeatures, List<KvCache.View> images)
    implements SessionState.Part {
  /** The condition of the frames of one chunk. */
  Tensor ofChunk(int chunk, int framesPerChunk) {
    long first = Math.min((long) chunk * framesPerChunk, frames.size(0) - framesPerChunk);
    return frames.slice(first, first + framesPerChunk);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.tensor("frames", frames);
    state.tensor("imageFeatures", imageFeatures);
    for (int i = 0; i < images.size(); i++) {
      state.part("block" + i, images.get(i));
    }
  }
}
