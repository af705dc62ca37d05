package dev.orrery.model.layers;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;

/**
 * Block-causal attention of a stream of tokens that comes chunk by chunk: a query sees its own
 * chunk and what a rolling cache of keys and values holds of the past.
 *
 * @param cache keys and values of the newest entries
 * @param attention attends to the rows of the cache that a chunk sees
 */
public record KvCacheAttention(KvCache cache, WindowAttention attention)
    implements SessionState.Part {
  /**
   * Attention with an empty cache of the dtype of activations.
   *
   * @param arena owner of the cache
   * @param sinkRows rows at the start of the stream that are never evicted
   * @param extents {@code [capacity, row...]}
   */
  public static KvCacheAttention empty(
      WindowAttention attention,
      Backend backend,
      TensorArena arena,
      int sinkRows,
      long... extents) {
    DType activations = backend.computeTypes().transformer();
    return new KvCacheAttention(
        new KvCache(backend, arena, activations, sinkRows, extents), attention);
  }

  /**
   * Makes room in the cache for keys and values, which are to be written before {@link #attend}.
   *
   * @param start index of the first row in the whole stream
   * @param rows how many there are
   */
  public KvCache.Room append(long start, int rows) {
    return cache.append(start, rows);
  }

  /**
   * Attends to all that the queries see, with scores divided by the root of D.
   *
   * @param q {@code [Tq, ..., D]}
   * @param seen of the room that was made for the keys and values of the chunk
   * @return like q
   */
  public Tensor attend(Tensor q, KvCache.View seen, Workspace.Frame frame) {
    Tensor out = frame.like(q);
    double scale = 1 / Math.sqrt(q.size(q.shape().rank() - 1));
    attention.run(q, seen.keys(), seen.values(), scale, out, frame);
    return out;
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    cache.visitState(state);
  }
}
