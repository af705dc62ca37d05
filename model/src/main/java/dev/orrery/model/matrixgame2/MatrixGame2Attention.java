package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.wan.AttentionProjections;
import dev.orrery.model.wan.AttentionProjections.Names;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Block-causal self-attention of the video tokens.
 *
 * <pre>
 * x [T, C] - q - RMS over C - RoPE -+
 *          - k - RMS over C - RoPE -+- written into the KV cache - o (+ residual) [T, C]
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
   * One forward pass over a chunk.
   *
   * @param residual {@code [T, C]}, to which the gated result is added
   * @param gate {@code [F, C]}
   * @param x {@code [T, C]}
   * @param chunk positions of the tokens
   * @param cached keys and values of the past
   */
  void addTo(
      Tensor residual,
      Tensor gate,
      Tensor x,
      MatrixGame2Chunk chunk,
      KvCacheAttention cached,
      Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor q = projections.byHead(frame.like(x));
      KvCache.Room room = cached.append(chunk.firstToken(), x.size(0));
      KvCache.View own = room.entries();
      projections.allInto(input, chunk.rotary(), q, own.keys(), own.values());
      Tensor attended = cached.attend(q, room.seen(), frame);
      projections.addTo(residual, gate, attended, frame);
    }
  }
}
