package dev.orrery.model.vid2world;

import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Four convolutions over time, each of a frame and the two before it, beside the input.
 *
 * <pre>
 * x ─ 4 x [GN over the window, SiLU, convolution] ─ (+) ─ x
 *   └────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>Before the first frame there are zeros. The norms look at all frames of the window, so an
 * earlier frame does change with a later one.
 */
final class TemporalConv implements UnetLayer {
  /** Frames that a convolution sees before each. */
  static final int HISTORY = 2;

  private static final double EPS = 1e-5;
  private static final int CONVOLUTIONS = 4;

  private record Step(AffineGroupNorm norm, Tensor weight, Tensor bias) {}

  private final List<Step> steps = new ArrayList<>();
  private final CausalConv3d conv;
  private final Add add;

  TemporalConv(Parameters p, int channels) {
    for (int i = 1; i <= CONVOLUTIONS; i++) {
      Parameters step = p.at("conv" + i);
      // In the first there is no dropout between activation and convolution.
      Parameters causal = step.at((i == 1 ? 2 : 3) + ".conv3d");
      steps.add(
          new Step(
              new AffineGroupNorm(step.at("0"), channels, UnetConfig.GROUPS, EPS, Activation.SILU),
              causal.convolution("weight", channels, channels, HISTORY + 1, 1, 1),
              causal.get("bias", channels)));
    }
    conv = p.kernel(CausalConv3d.class);
    add = p.kernel(Add.class);
  }

  @Override
  public Tensor forward(Tensor x, UnetPass pass, Workspace.Frame outer) {
    long elements = HISTORY * (x.elements() / x.size(0));
    Tensor history =
        pass.zeros().slice(0, elements).reshape(HISTORY, x.size(1), x.size(2), x.size(3));
    try (Workspace.Frame frame = outer.inner()) {
      Tensor normed = frame.like(x);
      Tensor out = frame.like(x);
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        step.norm().into(UnetLayer.window(i == 0 ? x : out), UnetLayer.window(normed));
        conv.run(history, normed, step.weight(), step.bias(), 1, Edge.ZEROS, out);
      }
      add.run(x, out, x);
    }
    return x;
  }
}
