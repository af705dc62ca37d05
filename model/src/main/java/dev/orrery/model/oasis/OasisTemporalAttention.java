package dev.orrery.model.oasis;

import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Causal attention over time at every position of the token grid.
 *
 * <pre>
 * x [F * S, C] ─ q ─ RoPE ────────────────────┐
 *              ─ k ─ RoPE ─ rows of the cache ─┼─ attention ─ to_out (+ residual) [F * S, C]
 *              ─ v ─ rows of the cache ────────┘
 * </pre>
 */
final class OasisTemporalAttention {
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear out;
  private final Rope rope;
  private final TemporalAttention attention;

  OasisTemporalAttention(Parameters p, int dim) {
    Linear qkv = Linear.withoutBias(p.at("to_qkv"), dim, 3 * dim);
    q = qkv.outputs(0, dim);
    k = qkv.outputs(dim, 2 * dim);
    v = qkv.outputs(2 * dim, 3 * dim);
    out = Linear.of(p.at("to_out"), dim, dim);
    rope = p.kernel(Rope.class);
    attention = p.kernel(TemporalAttention.class);
  }

  /** Puts keys and values of {@code x [F * S, C]} into {@code rows [F, S, H, D]} of the cache. */
  void remember(LinearInput x, KvCache.View rows, Tensor rotary) {
    Tensor keys = byToken(rows.keys());
    k.into(x, flat(rows.keys()));
    rope.run(keys, rotary, keys);
    v.into(x, flat(rows.values()));
  }

  /**
   * Adds what the frames attend to in the cache, which holds their own keys and values already.
   *
   * @param residual {@code [F * S, C]}, to which the gated result is added
   * @param gate {@code [F, C]}
   * @param x {@code [F * S, C]} of the frame
   * @param seen rows of the cache that are seen, {@code [Fk, S, H, D]}
   * @param rotary positions of the frames
   */
  void addTo(
      Tensor residual,
      Tensor gate,
      LinearInput x,
      KvCache.View seen,
      Tensor rotary,
      Workspace.Frame frame) {
    Tensor keys = seen.keys();
    int frames = rotary.size(0);
    Tensor queries = q.forward(x);
    Tensor queriesOfFrames = queries.reshape(frames, keys.size(1), keys.size(2), keys.size(3));
    rope.run(byToken(queriesOfFrames), rotary, byToken(queriesOfFrames));
    Tensor attended = frame.like(queriesOfFrames);
    double scale = 1 / Math.sqrt(keys.size(3));
    attention.run(queriesOfFrames, keys, seen.values(), Visibility.CAUSAL, scale, attended);
    out.addTo(residual, gate, flat(attended), frame);
  }

  /** {@code [F, S, H, D]} seen as {@code [F * S, H, D]}. */
  private static Tensor byToken(Tensor x) {
    return x.reshape((long) x.size(0) * x.size(1), x.size(2), x.size(3));
  }

  /** {@code [F, S, H, D]} seen as {@code [F * S, C]}. */
  private static Tensor flat(Tensor x) {
    return x.reshape((long) x.size(0) * x.size(1), (long) x.size(2) * x.size(3));
  }
}
