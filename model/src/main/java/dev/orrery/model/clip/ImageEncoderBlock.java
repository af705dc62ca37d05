package dev.orrery.model.clip;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * A pre-norm transformer block: {@code x += attention(LN(x))}, {@code x += MLP(LN(x))} with an
 * exact GELU.
 */
final class ImageEncoderBlock {
  private static final double EPS = 1e-5;

  private final int heads;
  private final AffineLayerNorm norm1;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear proj;
  private final AffineLayerNorm norm2;
  private final FeedForward mlp;
  private final Attention attention;
  private final Add add;

  ImageEncoderBlock(Parameters p, ImageEncoderConfig config) {
    int dim = config.dim();
    int hidden = ImageEncoderConfig.MLP_RATIO * dim;
    heads = config.heads();
    norm1 = new AffineLayerNorm(p.at("norm1"), dim, EPS);
    Linear qkv = Linear.of(p.at("attn.to_qkv"), dim, 3 * dim);
    q = qkv.outputs(0, dim);
    k = qkv.outputs(dim, 2 * dim);
    v = qkv.outputs(2 * dim, 3 * dim);
    proj = Linear.of(p.at("attn.proj"), dim, dim);
    norm2 = new AffineLayerNorm(p.at("norm2"), dim, EPS);
    mlp = FeedForward.of(p.at("mlp.0"), p.at("mlp.2"), Activation.GELU_ERF, dim, hidden, dim);
    attention = p.kernel(Attention.class);
    add = p.kernel(Add.class);
  }

  /** {@code x [N, dim]}, replaced. */
  void forward(Tensor x, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor y = norm1.forward(x, frame);
      LinearInput normed = LinearInput.of(y, frame);
      Tensor queries = q.forward(normed);
      Tensor keys = k.forward(normed);
      Tensor values = v.forward(normed);
      double scale = 1 / Math.sqrt((double) x.size(1) / heads);
      attention.run(byHead(queries), byHead(keys), byHead(values), scale, byHead(y));
      add.run(x, proj.forward(y, frame), x);
    }
    try (Workspace.Frame frame = outer.inner()) {
      Tensor y = norm2.forward(x, frame);
      mlp.into(y, y, frame);
      add.run(x, y, x);
    }
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), heads, x.size(1) / heads);
  }
}
