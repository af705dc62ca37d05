package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/**
 * Two linear layers with an activation between them.
 *
 * @param first {@code [hidden, in]}
 * @param activation what lies between them
 * @param second {@code [out, hidden]}
 */
public record FeedForward(Linear first, Activation activation, Linear second) {
  /** Both layers with biases, from {@code in} to {@code hidden} and to {@code out} channels. */
  public static FeedForward of(
      Parameters first, Parameters second, Activation activation, int in, int hidden, int out) {
    return new FeedForward(
        Linear.of(first, in, hidden), activation, Linear.of(second, hidden, out));
  }

  /** {@code x [T, in]} to {@code [T, out]}. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x, x.size(0), second.outChannels());
    into(x, out, frame);
    return out;
  }

  /** {@code x [T, in]} to {@code out [T, out]}, which may be x. */
  public void into(Tensor x, Tensor out, Workspace.Frame frame) {
    try (Workspace.Frame inner = frame.inner()) {
      second.into(first.forward(x, activation, inner), out, inner);
    }
  }

  /**
   * {@code x [T, in]} through both layers, gated and added to {@code residual [T, out]}.
   *
   * @param gate {@code [F, out]} with T / F tokens a frame, or null for one
   */
  public void addTo(Tensor residual, Tensor gate, Tensor x, Workspace.Frame frame) {
    try (Workspace.Frame inner = frame.inner()) {
      second.addTo(residual, gate, first.forward(x, activation, inner), inner);
    }
  }
}
