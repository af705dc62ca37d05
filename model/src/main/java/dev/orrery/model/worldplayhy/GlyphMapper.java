package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * From the states of quoted text to tokens of the text stream.
 *
 * <pre>
 * glyphs [m, 1472] ─ LN ─ Linear ─ GELU erf ─ Linear ─ GELU erf ─ Linear ─ [m, C]
 * </pre>
 */
final class GlyphMapper {
  private final AffineLayerNorm norm;
  private final Linear first;
  private final FeedForward rest;

  /**
   * Reads the weights.
   *
   * @param in channels of a state
   * @param hidden channels between the layers
   * @param out channels of a token
   */
  GlyphMapper(Parameters p, int in, int hidden, int out) {
    norm = new AffineLayerNorm(p.at("layernorm"), in, WorldPlayHyTransformerConfig.STATES_EPS);
    first = Linear.of(p.at("fc1"), in, hidden);
    rest = FeedForward.of(p.at("fc2"), p.at("fc3"), Activation.GELU_ERF, hidden, hidden, out);
  }

  /** {@code glyphs [m, in]} to {@code out [m, out]}. */
  void into(Tensor glyphs, Tensor out, Workspace workspace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor normed = norm.forward(glyphs, frame);
      rest.into(first.forward(normed, Activation.GELU_ERF, frame), out, frame);
    }
  }
}
