package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionProjections;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention of the video tokens to the tokens of the start picture. Keys and values depend on the
 * picture alone and are computed once per session. There is no text and no position embedding.
 */
final class CrossAttention {
  private final AttentionProjections projections;
  private final Attention attention;

  CrossAttention(Parameters p, DitConfig config) {
    projections = new AttentionProjections(p, config.dim(), config.heads(), config.eps());
    attention = p.kernel(Attention.class);
  }

  /**
   * Keys and values of a picture.
   *
   * @param context image tokens {@code [N, C]}
   * @param arena owner of the result
   */
  KvCache.View keysAndValues(Tensor context, TensorArena arena) {
    Tensor keys = arena.empty(context.dtype(), context.size(0), context.size(1));
    Tensor values = arena.empty(context.dtype(), context.size(0), context.size(1));
    projections.keys(context, keys);
    projections.values(context, values);
    return new KvCache.View(projections.byHead(keys), projections.byHead(values));
  }

  /**
   * One pass over a block.
   *
   * @param x {@code [T, C]}
   * @param image keys and values of the picture
   * @param residual {@code [T, C]}, to which the result is added
   */
  void forward(Tensor x, KvCache.View image, Workspace workspace, Tensor residual) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor q = frame.like(x, tokens, dim);
      projections.queries(x, q);
      Tensor attended = frame.like(x, tokens, dim);
      attention.run(
          projections.byHead(q),
          image.keys(),
          image.values(),
          projections.scale(),
          projections.byHead(attended));
      projections.addOutput(attended, null, residual);
    }
  }
}
