package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionMemory;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * Block-causal self-attention of the video tokens.
 *
 * <pre>
 * x [T, C] ─ q ─ RMS over C ─ RoPE ─┐
 *          ─ k ─ RMS over C ─ RoPE ─┼─ window of the KV cache ─ o ─ out [T, C]
 *          ─ v ─────────────────────┘
 * </pre>
 */
final class SelfAttention {
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Tensor normQ;
  private final Tensor normK;
  private final Linear o;
  private final RmsNorm rmsNorm;
  private final Rope rope;
  private final int heads;
  private final double eps;

  SelfAttention(Parameters p, DitConfig config) {
    int dim = config.dim();
    q = Linear.of(p.at("q"), dim, dim);
    k = Linear.of(p.at("k"), dim, dim);
    v = Linear.of(p.at("v"), dim, dim);
    normQ = p.get("norm_q.weight", dim);
    normK = p.get("norm_k.weight", dim);
    o = Linear.of(p.at("o"), dim, dim);
    rmsNorm = p.kernel(RmsNorm.class);
    rope = p.kernel(Rope.class);
    heads = config.heads();
    eps = config.eps();
  }

  /**
   * One pass over a block.
   *
   * @param x {@code [T, C]}
   * @param rotary {@code [T, D/2, 2]}, absolute positions
   * @param memory keys and values of the past
   * @param start index of the first token in the whole video
   * @param out {@code [T, C]}
   */
  void forward(
      Tensor x,
      Tensor rotary,
      AttentionMemory memory,
      long start,
      Workspace workspace,
      Tensor out) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor queries = frame.empty(tokens, dim);
      Tensor keys = frame.empty(tokens, dim);
      Tensor values = frame.empty(tokens, dim);
      q.forward(x, queries);
      k.forward(x, keys);
      v.forward(x, values);
      rmsNorm.run(queries, normQ, eps, queries);
      rmsNorm.run(keys, normK, eps, keys);
      Tensor queryHeads = split(queries);
      Tensor keyHeads = split(keys);
      rope.run(queryHeads, rotary, queryHeads);
      rope.run(keyHeads, rotary, keyHeads);
      Tensor attended = frame.empty(tokens, dim);
      double scale = 1 / Math.sqrt((double) dim / heads);
      memory.attend(start, queryHeads, keyHeads, split(values), scale, split(attended));
      o.forward(attended, out);
    }
  }

  private Tensor split(Tensor x) {
    return x.reshape(x.size(0), heads, x.size(1) / heads);
  }
}
