package dev.orrery.model.wan;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention of the video tokens to those of an image or a text. Keys and values depend on these
 * alone and are computed once per start. There is no position embedding and no mask.
 */
public final class CrossAttention {
  private final int dim;
  private final DType activations;
  private final AttentionProjections projections;
  private final Attention attention;

  /**
   * @param dim channels of a token
   * @param heads attention heads, a divisor of dim
   * @param eps added to mean squares under the root
   */
  public CrossAttention(
      Parameters p, AttentionProjections.Names names, int dim, int heads, double eps) {
    this.dim = dim;
    activations = p.activations();
    projections = new AttentionProjections(p, names, dim, heads, eps);
    attention = p.kernel(Attention.class);
  }

  /**
   * Room for the keys and values of an image or a text.
   *
   * @param tokens how many it has
   * @param arena owner of the result
   */
  public KvCache.View emptyContext(int tokens, TensorArena arena) {
    return new KvCache.View(empty(tokens, arena), empty(tokens, arena));
  }

  private Tensor empty(int tokens, TensorArena arena) {
    return projections.byHead(arena.empty(activations, tokens, dim));
  }

  /**
   * Computes the keys and values of an image or a text.
   *
   * @param context its tokens {@code [N, C]}
   * @param workspace memory for the time of the call
   * @param out see {@link #emptyContext}
   */
  public void contextInto(Tensor context, Workspace workspace, KvCache.View out) {
    try (Workspace.Frame frame = workspace.frame()) {
      LinearInput tokens = LinearInput.of(context, frame);
      projections.keysAndValuesInto(tokens, out.keys(), out.values());
    }
  }

  /**
   * One forward pass over a chunk.
   *
   * @param residual {@code [T, C]}, to which the result is added
   * @param x {@code [T, C]}
   * @param context see {@link #contextInto}
   */
  public void addTo(Tensor residual, Tensor x, KvCache.View context, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor q = projections.queries(LinearInput.of(x, frame));
      Tensor attended = frame.like(q);
      attention.run(q, context.keys(), context.values(), projections.scale(), attended);
      projections.addTo(residual, null, attended, frame);
    }
  }
}
