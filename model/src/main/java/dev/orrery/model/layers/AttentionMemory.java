package dev.orrery.model.layers;

import dev.orrery.kernels.attention.BlockCausalAttention;
import dev.orrery.kernels.attention.BlockCausalAttention.Attend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;

/**
 * What the queries of a block-causal layer may look at. Playing a world, it is a rolling cache that
 * is fed one block after the other; over a whole sequence at once it is the block-causal mask. The
 * two give the same numbers.
 */
public interface AttentionMemory extends SessionState.Part {
  /**
   * Adds keys and values and lets the queries attend to all they may see.
   *
   * @param start index of the first row of k in the whole stream
   * @param q {@code [Tq, ...]}
   * @param k {@code [Tk, ...]}
   * @param v {@code [Tk, ...]}
   * @param out like q
   */
  void attend(long start, Tensor q, Tensor k, Tensor v, double scale, Tensor out);

  /** One block at a time, the past in a rolling cache. */
  record Rolling(KvCache cache, Attend attention) implements AttentionMemory {
    @Override
    public void attend(long start, Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
      KvCache.View seen = cache.append(start, k, v);
      attention.run(q, seen.keys(), seen.values(), scale, out);
    }

    @Override
    public void visitState(SessionState.Visitor state) {
      cache.visitState(state);
    }
  }

  /** All frames of a sequence that starts at row 0, under the block-causal mask. */
  record WholeSequence(BlockCausalAttention attention, int frames) implements AttentionMemory {
    @Override
    public void attend(long start, Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
      attention.run(frames, q, k, v, scale, out);
    }

    @Override
    public void visitState(SessionState.Visitor state) {}
  }
}
