package dev.orrery.model.layers;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention of the video tokens to those of an image or a text. Keys and values depend on these
 * alone and are computed once per session. There is no position embedding and no mask.
 */
public final class CrossAttention {
  private final AttentionProjections projections;
  private final Attention attention;

  /** A layer around the projections of its checkpoint. */
  public CrossAttention(Parameters p, AttentionProjections projections) {
    this.projections = projections;
    attention = p.kernel(Attention.class);
  }

  /**
   * Keys and values of an image or a text.
   *
   * @param context its tokens {@code [N, C]}
   * @param workspace memory for the time of the call
   * @param arena owner of the result
   */
  public KvCache.View keysAndValues(Tensor context, Workspace workspace, TensorArena arena) {
    Tensor keys = arena.empty(context.dtype(), context.size(0), context.size(1));
    Tensor values = arena.empty(context.dtype(), context.size(0), context.size(1));
    try (Workspace.Frame frame = workspace.frame()) {
      LinearInput tokens = LinearInput.of(context, frame);
      projections.keys(tokens, keys);
      projections.values(tokens, values);
    }
    return new KvCache.View(projections.byHead(keys), projections.byHead(values));
  }

  /**
   * One pass over a block.
   *
   * @param x {@code [T, C]}
   * @param context see {@link #keysAndValues}
   * @param residual {@code [T, C]}, to which the result is added
   */
  public void forward(Tensor x, KvCache.View context, Workspace workspace, Tensor residual) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor q = frame.like(x, tokens, dim);
      projections.queries(LinearInput.of(x, frame), q);
      Tensor attended = frame.like(x, tokens, dim);
      attention.run(
          projections.byHead(q),
          context.keys(),
          context.values(),
          projections.scale(),
          projections.byHead(attended));
      projections.addOutput(LinearInput.of(attended, frame), null, residual);
    }
  }
}
