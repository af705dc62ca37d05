package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionMemory;
import dev.orrery.model.layers.AttentionProjections;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * Block-causal self-attention of the video tokens.
 *
 * <pre>
 * x [T, C] - q - RMS over C - RoPE -+
 *          - k - RMS over C - RoPE -+- window of the KV cache - o - out [T, C]
 *          - v ---------------------+
 * </pre>
 */
final class SelfAttention {
  private final AttentionProjections projections;
  private final Rope rope;

  SelfAttention(Parameters p, DitConfig config) {
    projections = new AttentionProjections(p, config.dim(), config.heads(), config.eps());
    rope = p.kernel(Rope.class);
  }

  /**
   * One pass over a block.
   *
   * @param x {@code [T, C]}
   * @param step positions of the block
   * @param memory keys and values of the past
   * @param out {@code [T, C]}
   */
  void forward(Tensor x, DitStep step, AttentionMemory memory, Workspace workspace, Tensor out) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor q = frame.empty(tokens, dim);
      Tensor k = frame.empty(tokens, dim);
      Tensor v = frame.empty(tokens, dim);
      projections.queries(x, q);
      projections.keys(x, k);
      projections.values(x, v);
      Tensor queries = projections.byHead(q);
      Tensor keys = projections.byHead(k);
      rope.run(queries, step.rotary(), queries);
      rope.run(keys, step.rotary(), keys);
      Tensor attended = frame.empty(tokens, dim);
      memory.attend(
          step.firstToken(),
          queries,
          keys,
          projections.byHead(v),
          projections.scale(),
          projections.byHead(attended));
      projections.output(attended, out);
    }
  }
}
