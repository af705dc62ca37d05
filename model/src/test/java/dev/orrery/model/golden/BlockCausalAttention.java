package dev.orrery.model.golden;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention over a whole sequence of frames under the block-causal mask, as in training: a query in
 * chunk b, which ends at frame {@code E = (b+1) * framesPerChunk}, sees the keys of frames {@code E
 * - windowFrames <= j < E}. The visible keys of a chunk are one range of rows, so this is one call
 * of an attention kernel for each chunk. Feeding the chunks one after the other through a rolling
 * cache of windowFrames frames gives the same numbers.
 *
 * @param rolling the same attention with a cache of windowFrames frames
 * @param framesPerChunk frames that are generated together
 * @param windowFrames frames a query sees, its own chunk included
 */
public record BlockCausalAttention(KvCacheAttention rolling, int framesPerChunk, int windowFrames) {
  /**
   * A layer that takes all frames of a sequence in one call: its cache holds all of them, and the
   * mask hides what a query must not see.
   */
  public KvCacheAttention over(int frames, Backend backend, TensorArena arena) {
    Tensor keys = rolling.cache().keys();
    long[] extents = keys.shape().extents();
    extents[0] = extents[0] / windowFrames * frames;
    return new KvCacheAttention(
        new KvCache(backend, arena, keys.dtype(), 0, extents),
        (q, k, v, scale, out, frame) -> run(frames, q, k, v, scale, out, frame));
  }

  /** Keys may have fewer rows per frame than queries (the keyboard branch has one). */
  private void run(
      int frames, Tensor q, Tensor k, Tensor v, double scale, Tensor out, Workspace.Frame frame) {
    int queriesPerFrame = q.size(0) / frames;
    int keysPerFrame = k.size(0) / frames;
    for (int start = 0; start < frames; start += framesPerChunk) {
      int end = Math.min(start + framesPerChunk, frames);
      long firstKey = (long) Math.max(0, start + framesPerChunk - windowFrames) * keysPerFrame;
      long endKey = (long) end * keysPerFrame;
      long firstQuery = (long) start * queriesPerFrame;
      long endQuery = (long) end * queriesPerFrame;
      rolling
          .attention()
          .run(
              q.slice(firstQuery, endQuery),
              k.slice(firstKey, endKey),
              v.slice(firstKey, endKey),
              scale,
              out.slice(firstQuery, endQuery),
              frame);
    }
  }
}
