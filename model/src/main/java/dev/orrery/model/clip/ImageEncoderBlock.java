package dev.orrery.model.clip;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.tensor.Tensor;
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
  private final Tensor norm1Weight;
  private final Tensor norm1Bias;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear proj;
  private final Tensor norm2Weight;
  private final Tensor norm2Bias;
  private final Linear mlp0;
  private final Linear mlp2;
  private final LayerNorm layerNorm;
  private final Attention attention;
  private final Add add;

  ImageEncoderBlock(Parameters p, ImageEncoderConfig config) {
    int dim = config.dim();
    int hidden = ImageEncoderConfig.MLP_RATIO * dim;
    heads = config.heads();
    norm1Weight = p.get("norm1.weight", dim);
    norm1Bias = p.get("norm1.bias", dim);
    Linear qkv = Linear.of(p.at("attn.to_qkv"), dim, 3 * dim);
    q = qkv.outputs(0, dim);
    k = qkv.outputs(dim, 2 * dim);
    v = qkv.outputs(2 * dim, 3 * dim);
    proj = Linear.of(p.at("attn.proj"), dim, dim);
    norm2Weight = p.get("norm2.weight", dim);
    norm2Bias = p.get("norm2.bias", dim);
    mlp0 = Linear.of(p.at("mlp.0"), dim, hidden);
    mlp2 = Linear.of(p.at("mlp.2"), hidden, dim);
    layerNorm = p.kernel(LayerNorm.class);
    attention = p.kernel(Attention.class);
    add = p.kernel(Add.class);
  }

  /** {@code x [N, dim]}, replaced. */
  void forward(Tensor x, Workspace workspace) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, tokens, dim);
      Tensor queries = frame.like(x, tokens, dim);
      Tensor keys = frame.like(x, tokens, dim);
      Tensor values = frame.like(x, tokens, dim);
      layerNorm.run(x, norm1Weight, norm1Bias, EPS, y);
      LinearInput normed = LinearInput.of(y, frame);
      q.forward(normed, queries);
      k.forward(normed, keys);
      v.forward(normed, values);
      double scale = 1 / Math.sqrt((double) dim / heads);
      attention.run(split(queries), split(keys), split(values), scale, split(y));
      proj.forward(LinearInput.of(y, frame), queries);
      add.run(x, queries, x);
    }
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, tokens, dim);
      Tensor hidden = frame.like(x, tokens, (long) ImageEncoderConfig.MLP_RATIO * dim);
      layerNorm.run(x, norm2Weight, norm2Bias, EPS, y);
      mlp0.forward(LinearInput.of(y, frame), Activation.GELU_ERF, hidden);
      mlp2.forward(LinearInput.of(hidden, frame), y);
      add.run(x, y, x);
    }
  }

  private Tensor split(Tensor x) {
    return x.reshape(x.size(0), heads, x.size(1) / heads);
  }
}
