package dev.orrery.model.vae;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
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
  private final PixelNorm norm1;
  private final CausalConv conv1;
  private final PixelNorm norm2;
  private final CausalConv conv2;
  private final Linear shortcut;
  private final Add add;

  ResidualBlock(Parameters p, VaeStyle style, int in, int out) {
    norm1 = new PixelNorm(p.at(style.norm1()), Activation.SILU, in, 1, 1, 1);
    conv1 = style.conv(p.at(style.conv1()), in, out);
    norm2 = new PixelNorm(p.at(style.norm2()), Activation.SILU, out, 1, 1, 1);
    conv2 = style.conv(p.at(style.conv2()), out, out);
    shortcut = in == out ? null : Linear.pointwise(p.at(style.shortcut()), in, out, 3);
    add = p.kernel(Add.class);
  }

  /**
   * {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}, which may be x when the channels do not
   * change.
   */
  void into(Tensor x, FeatureCache cache, Tensor out, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor h = norm1.forward(x, frame);
      Tensor y = conv1.forward(h, cache, frame);
      norm2.into(y, y);
      if (shortcut == null) {
        conv2.into(y, cache, h);
        add.run(h, x, out);
      } else {
        conv2.into(y, cache, out);
        Tensor pixels = x.reshape(x.elements() / x.size(3), x.size(3));
        Tensor straight = shortcut.forward(pixels, frame);
        add.run(out, straight.reshape(out.shape().extents()), out);
      }
    }
  }
}
