package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention of the video tokens to the tokens of the start picture. Keys and values depend on the
 * picture alone and are computed once per session. There is no text and no position embedding.
 */
final class CrossAttention {
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Tensor normQ;
  private final Tensor normK;
  private final Linear o;
  private final RmsNorm rmsNorm;
  private final Attention attention;
  private final int heads;
  private final double eps;

  CrossAttention(Parameters p, DitConfig config) {
    int dim = config.dim();
    q = Linear.of(p.at("q"), dim, dim);
    k = Linear.of(p.at("k"), dim, dim);
    v = Linear.of(p.at("v"), dim, dim);
    normQ = p.get("norm_q.weight", dim);
    normK = p.get("norm_k.weight", dim);
    o = Linear.of(p.at("o"), dim, dim);
    rmsNorm = p.kernel(RmsNorm.class);
    attention = p.kernel(Attention.class);
    heads = config.heads();
    eps = config.eps();
  }

  /**
   * Keys and values of a picture.
   *
   * @param context image tokens {@code [N, C]}
   * @param arena owner of the result
   */
  KvCache.View keysAndValues(Tensor context, TensorArena arena) {
    int tokens = context.size(0);
    int dim = context.size(1);
    Tensor keys = arena.empty(DType.F32, tokens, dim);
    Tensor values = arena.empty(DType.F32, tokens, dim);
    k.forward(context, keys);
    v.forward(context, values);
    rmsNorm.run(keys, normK, eps, keys);
    return new KvCache.View(split(keys), split(values));
  }

  /**
   * One pass over a block.
   *
   * @param x {@code [T, C]}
   * @param image keys and values of the picture
   * @param out {@code [T, C]}
   */
  void forward(Tensor x, KvCache.View image, Workspace workspace, Tensor out) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor queries = frame.empty(tokens, dim);
      q.forward(x, queries);
      rmsNorm.run(queries, normQ, eps, queries);
      Tensor attended = frame.empty(tokens, dim);
      double scale = 1 / Math.sqrt((double) dim / heads);
      attention.run(split(queries), image.keys(), image.values(), scale, split(attended));
      o.forward(attended, out);
    }
  }

  private Tensor split(Tensor x) {
    return x.reshape(x.size(0), heads, x.size(1) / heads);
  }
}
