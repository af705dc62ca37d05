package dev.orrery.model.vid2world;

import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * GEGLU: {@code net.2(a * gelu(b))}, a and b the halves of {@code net.0.proj(x)}, the gate last.
 *
 * <p>Source: Shazeer, GLU Variants Improve Transformer.
 */
final class GatedFeedForward {
  private static final int EXPANSION = 4;

  private final Linear value;
  private final Linear gate;
  private final Linear out;
  private final Multiply multiply;

  GatedFeedForward(Parameters p, int dim) {
    int hidden = EXPANSION * dim;
    Linear both = Linear.of(p.at("net.0.proj"), dim, 2 * hidden);
    value = both.outputs(0, hidden);
    gate = both.outputs(hidden, 2 * hidden);
    out = Linear.of(p.at("net.2"), hidden, dim);
    multiply = p.kernel(Multiply.class);
  }

  /** Adds what becomes of {@code x [T, C]} to {@code residual [T, C]}. */
  void addTo(Tensor residual, Tensor x, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor gated = value.forward(input);
      multiply.run(gated, gate.forward(input, Activation.GELU_ERF), gated);
      out.addTo(residual, null, gated, frame);
    }
  }
}
