package dev.orrery.model.vae;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Two causal convolutions beside a shortcut.
 *
 * <pre>
 * x ─ norm, SiLU ─ conv 3x3x3 ─ norm, SiLU ─ conv 3x3x3 ─ (+) ─ out
 *   └ 1x1x1 when the channels change ────────────────────┘
 * </pre>
 */
final class ResidualBlock {
  private final Tensor norm1;
  private final CausalConv conv1;
  private final Tensor norm2;
  private final CausalConv conv2;
  private final Linear shortcut;
  private final ChannelRmsNorm norm;
  private final Add add;

  ResidualBlock(Parameters p, VaeNames names, int in, int out) {
    norm1 = p.at(names.norm1()).get("gamma", in, 1, 1, 1).reshape(in);
    conv1 = new CausalConv(p.at(names.conv1()), in, out, 3, 3);
    norm2 = p.at(names.norm2()).get("gamma", out, 1, 1, 1).reshape(out);
    conv2 = new CausalConv(p.at(names.conv2()), out, out, 3, 3);
    shortcut = in == out ? null : Linear.pointwise(p.at(names.shortcut()), in, out, 3);
    norm = p.kernel(ChannelRmsNorm.class);
    add = p.kernel(Add.class);
  }

  /**
   * {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}, which may be x when the channels do not
   * change.
   */
  void forward(Tensor x, FeatureCache cache, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor h = frame.like(x, x.shape().extents());
      norm.run(pixels(x), norm1, Activation.SILU, pixels(h));
      Tensor y = frame.like(x, out.shape().extents());
      conv1.forward(h, cache, y);
      norm.run(pixels(y), norm2, Activation.SILU, pixels(y));
      if (shortcut == null) {
        conv2.forward(y, cache, h);
        add.run(h, x, out);
      } else {
        conv2.forward(y, cache, out);
        Tensor straight = frame.like(x, out.shape().extents());
        shortcut.forward(LinearInput.of(pixels(x), frame), pixels(straight));
        add.run(out, straight, out);
      }
    }
  }

  private static Tensor pixels(Tensor x) {
    return x.reshape(x.elements() / x.size(3), x.size(3));
  }
}
