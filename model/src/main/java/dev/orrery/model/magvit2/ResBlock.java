package dev.orrery.model.magvit2;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Two convolutions without bias, beside the input.
 *
 * <pre>
 * x ─ GN, SiLU ─ conv1 ─ GN, SiLU ─ conv2 ─ (+) ─ out
 *   └ 1x1, if the channels change ──────────┘
 * </pre>
 */
final class ResBlock {
  private static final double EPS = 1e-6;

  private final int outChannels;
  private final AffineGroupNorm norm1;
  private final PaddedConv conv1;
  private final AffineGroupNorm norm2;
  private final PaddedConv conv2;

  /** Null where the channels stay. */
  private final Linear shortcut;

  private final Add add;

  ResBlock(Parameters p, int in, int out) {
    outChannels = out;
    norm1 = norm(p.at("norm1"), in);
    conv1 = PaddedConv.withoutBias(p.at("conv1"), in, out);
    norm2 = norm(p.at("norm2"), out);
    conv2 = PaddedConv.withoutBias(p.at("conv2"), out, out);
    shortcut = in == out ? null : Linear.patches(p.at("nin_shortcut"), false, out, in, 1, 1);
    add = p.kernel(Add.class);
  }

  /** The norm of a tokenizer, with its activation. */
  static AffineGroupNorm norm(Parameters p, int channels) {
    return new AffineGroupNorm(p, channels, Magvit2Config.GROUPS, EPS, Activation.SILU);
  }

  /** Several blocks {@code 0, 1 ..}, the first of which may change the channels. */
  static List<ResBlock> row(Parameters p, int count, int in, int out) {
    List<ResBlock> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.add(new ResBlock(p.at(String.valueOf(i)), i == 0 ? in : out, out));
    }
    return blocks;
  }

  /**
   * {@code x [N, Y, X, in]} to {@code [N, Y, X, out]}: x itself, replaced, where the channels stay.
   */
  Tensor forward(Tensor x, Workspace.Frame frame) {
    if (shortcut == null) {
      try (Workspace.Frame inner = frame.inner()) {
        Tensor y = norm1.forward(x, inner);
        Tensor hidden = conv1.forward(y, inner);
        norm2.into(hidden, hidden);
        conv2.into(hidden, y);
        add.run(x, y, x);
      }
      return x;
    }
    Tensor out = frame.like(x, x.size(0), x.size(1), x.size(2), outChannels);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor hidden = conv1.forward(norm1.forward(x, inner), inner);
      norm2.into(hidden, hidden);
      conv2.into(hidden, out);
      shortcut.addTo(pixels(out), null, pixels(x), inner);
    }
    return out;
  }

  private static Tensor pixels(Tensor x) {
    return x.reshape(x.elements() / x.size(3), x.size(3));
  }
}
