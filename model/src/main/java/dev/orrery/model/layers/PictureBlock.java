package dev.orrery.model.layers;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Two convolutions beside the input, as autoencoders of pictures have them.
 *
 * <pre>
 * x ─ GN, SiLU ─ conv1 ─ GN, SiLU ─ conv2 ─ (+) ─ out
 *   └ 1x1, if the channels change ──────────┘
 * </pre>
 *
 * <p>Source: {@code ResnetBlock} of latent diffusion's {@code modules/diffusionmodules/model.py}.
 */
public final class PictureBlock {
  /** Groups of every norm. */
  public static final int GROUPS = 32;

  private static final double EPS = 1e-6;

  private final int outChannels;
  private final AffineGroupNorm norm1;
  private final PaddedConv conv1;
  private final AffineGroupNorm norm2;
  private final PaddedConv conv2;

  /** Null where the channels stay. */
  private final Linear shortcut;

  private final Add add;

  /**
   * A block.
   *
   * @param bias whether the convolutions have biases
   */
  public PictureBlock(Parameters p, int in, int out, boolean bias) {
    outChannels = out;
    norm1 = norm(p.at("norm1"), in, Activation.SILU);
    conv1 = conv(p.at("conv1"), in, out, bias);
    norm2 = norm(p.at("norm2"), out, Activation.SILU);
    conv2 = conv(p.at("conv2"), out, out, bias);
    shortcut = in == out ? null : Linear.patches(p.at("nin_shortcut"), bias, out, in, 1, 1);
    add = p.kernel(Add.class);
  }

  private static PaddedConv conv(Parameters p, int in, int out, boolean bias) {
    return bias ? PaddedConv.of(p, in, out) : PaddedConv.withoutBias(p, in, out);
  }

  /** The norm of these networks. */
  public static AffineGroupNorm norm(Parameters p, int channels, Activation activation) {
    return new AffineGroupNorm(p, channels, GROUPS, EPS, activation);
  }

  /**
   * Several blocks {@code 0, 1 ..}, the first of which may change the channels.
   *
   * @param bias whether the convolutions have biases
   */
  public static List<PictureBlock> row(Parameters p, int count, int in, int out, boolean bias) {
    List<PictureBlock> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.add(new PictureBlock(p.at(String.valueOf(i)), i == 0 ? in : out, out, bias));
    }
    return blocks;
  }

  /**
   * {@code x [N, Y, X, in]} to {@code [N, Y, X, out]}: x itself, replaced, where the channels stay.
   */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
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
