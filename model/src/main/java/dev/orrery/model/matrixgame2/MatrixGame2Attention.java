package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionProjections;
import dev.orrery.model.layers.AttentionProjections.Names;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * Block-causal self-attention of the video tokens.
 *
 * <pre>
 * x [T, C] - q - RMS over C - RoPE -+
 *          - k - RMS over C - RoPE -+- window of the KV cache - o (+ residual) [T, C]
 *          - v ---------------------+
 * </pre>
 */
final class MatrixGame2Attention {
  private final AttentionProjections projections;

  MatrixGame2Attention(Parameters p, MatrixGame2TransformerConfig config) {
    projections =
        new AttentionProjections(p, Names.WAN, config.dim(), config.heads(), config.eps());
  }

  /**
   * One pass over a block.
   *
   * @param x {@code [T, C]}
   * @param step positions of the block
   * @param memory keys and values of the past
   * @param gate {@code [F, C]}
   * @param residual {@code [T, C]}, to which the gated result is added
   */
  void forward(
      Tensor x,
      MatrixGame2Chunk step,
      KvCacheAttention memory,
      Tensor gate,
      Workspace workspace,
      Tensor residual) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor q = frame.like(x, tokens, dim);
      Tensor k = frame.like(x, tokens, dim);
      Tensor v = frame.like(x, tokens, dim);
      LinearInput input = LinearInput.of(x, frame);
      projections.queries(input, step.rotary(), q);
      projections.keys(input, step.rotary(), k);
      projections.values(input, v);
      Tensor attended = frame.like(x, tokens, dim);
      memory.attend(
          step.firstToken(),
          projections.byHead(q),
          projections.byHead(k),
          projections.byHead(v),
          projections.scale(),
          projections.byHead(attended));
      projections.addOutput(LinearInput.of(attended, frame), gate, residual);
    }
  }
}
