package dev.orrery.model.genie;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/** Attention of every token to all tokens of its own frame. */
public final class SpatialAttention {
  private final HeadProjections projections;
  private final Attention attention;

  /**
   * @param p for the kernels; the projections have their weights
   */
  public SpatialAttention(Parameters p, HeadProjections projections) {
    this.projections = projections;
    attention = p.kernel(Attention.class);
  }

  /**
   * Attends within each of some frames.
   *
   * @param residual {@code [F * S, C]}, to which the output is added
   * @param x {@code [F * S, C]}; may be the residual
   * @param frames F
   */
  public void addTo(Tensor residual, Tensor x, int frames, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor q = projections.queries(input);
      Tensor k = projections.keys(input);
      Tensor v = projections.values(input);
      Tensor attended = frame.like(q);
      attention.run(q, k, v, frames, projections.scale(), attended);
      projections.addTo(residual, attended, frame);
    }
  }
}
