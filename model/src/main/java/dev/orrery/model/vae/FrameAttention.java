package dev.orrery.model.vae;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * One-head attention among the pixels of every frame, with a residual: {@code x +
 * proj(attention(norm(x)))}.
 */
final class FrameAttention {
  private final PixelNorm norm;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear proj;
  private final Attention attention;
  private final Add add;

  private FrameAttention(Parameters p, PixelNorm norm, Linear q, Linear k, Linear v, Linear proj) {
    this.norm = norm;
    this.q = q;
    this.k = k;
    this.v = v;
    this.proj = proj;
    attention = p.kernel(Attention.class);
    add = p.kernel(Add.class);
  }

  /** Attention among {@code channels} channels, whose projections are stored as the style says. */
  static FrameAttention of(Parameters p, int channels, VaeStyle style) {
    return style.fusedAttention() ? fused(p, channels) : separate(p, channels);
  }

  /** Layers of images: one for queries, keys and values, and one behind. */
  private static FrameAttention fused(Parameters p, int channels) {
    Linear qkv = Linear.pointwise(p.at("to_qkv"), channels, 3 * channels, 2);
    return new FrameAttention(
        p,
        new PixelNorm(p.at("norm"), Activation.NONE, channels, 1, 1),
        qkv.outputs(0, channels),
        qkv.outputs(channels, 2 * channels),
        qkv.outputs(2 * channels, 3 * channels),
        Linear.pointwise(p.at("proj"), channels, channels, 2));
  }

  /** Four layers of video. */
  private static FrameAttention separate(Parameters p, int channels) {
    return new FrameAttention(
        p,
        new PixelNorm(p.at("norm"), Activation.NONE, channels, 1, 1, 1),
        Linear.pointwise(p.at("q"), channels, channels, 3),
        Linear.pointwise(p.at("k"), channels, channels, 3),
        Linear.pointwise(p.at("v"), channels, channels, 3),
        Linear.pointwise(p.at("proj_out"), channels, channels, 3));
  }

  /** {@code x [T, Y, X, C]}, replaced. */
  void forward(Tensor x, Workspace.Frame outer) {
    int channels = x.size(3);
    int pixels = x.size(1) * x.size(2);
    for (int t = 0; t < x.size(0); t++) {
      Tensor image = x.row(t).reshape(pixels, channels);
      try (Workspace.Frame frame = outer.inner()) {
        Tensor h = norm.forward(image, frame);
        LinearInput normed = LinearInput.of(h, frame);
        Tensor queries = oneHead(q.forward(normed));
        Tensor keys = oneHead(k.forward(normed));
        Tensor values = oneHead(v.forward(normed));
        Tensor attended = frame.like(image);
        attention.run(queries, keys, values, 1 / Math.sqrt(channels), oneHead(attended));
        proj.into(attended, h, frame);
        add.run(image, h, image);
      }
    }
  }

  private static Tensor oneHead(Tensor x) {
    return x.reshape(x.size(0), 1, x.size(1));
  }
}
