package dev.orrery.model.vae;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
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
  private final Tensor gamma;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear proj;
  private final ChannelRmsNorm norm;
  private final Attention attention;
  private final Add add;

  FrameAttention(Parameters p, int channels) {
    gamma = p.get("norm.gamma", channels, 1, 1).reshape(channels);
    Linear qkv = Linear.pointwise(p.at("to_qkv"), channels, 3 * channels, 2);
    q = qkv.outputs(0, channels);
    k = qkv.outputs(channels, 2 * channels);
    v = qkv.outputs(2 * channels, 3 * channels);
    proj = Linear.pointwise(p.at("proj"), channels, channels, 2);
    norm = p.kernel(ChannelRmsNorm.class);
    attention = p.kernel(Attention.class);
    add = p.kernel(Add.class);
  }

  /** {@code x [T, Y, X, C]}, replaced. */
  void forward(Tensor x, Workspace workspace) {
    int channels = x.size(3);
    int pixels = x.size(1) * x.size(2);
    for (int t = 0; t < x.size(0); t++) {
      Tensor picture = x.row(t).reshape(pixels, channels);
      try (Workspace.Frame frame = workspace.frame()) {
        Tensor h = frame.like(x, pixels, channels);
        norm.run(picture, gamma, Activation.NONE, h);
        Tensor queries = frame.like(x, pixels, 1, channels);
        Tensor keys = frame.like(x, pixels, 1, channels);
        Tensor values = frame.like(x, pixels, 1, channels);
        LinearInput normed = LinearInput.of(h, frame);
        q.forward(normed, queries.reshape(pixels, channels));
        k.forward(normed, keys.reshape(pixels, channels));
        v.forward(normed, values.reshape(pixels, channels));
        Tensor attended = frame.like(x, pixels, 1, channels);
        attention.run(queries, keys, values, 1 / Math.sqrt(channels), attended);
        proj.forward(LinearInput.of(attended.reshape(pixels, channels), frame), h);
        add.run(picture, h, picture);
      }
    }
  }
}
