package dev.orrery.model.genie;

import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/** Attention of every token to the token at its place in its own frame and all earlier ones. */
public final class CausalAttention {
  private final HeadProjections projections;
  private final TemporalAttention attention;

  /**
   * @param p for the kernels; the projections have their weights
   */
  public CausalAttention(Parameters p, HeadProjections projections) {
    this.projections = projections;
    attention = p.kernel(TemporalAttention.class);
  }

  /**
   * Leaves the keys and values of some frames in a cache and attends to them and to those of the
   * frames before.
   *
   * @param residual {@code [F * S, C]}, to which the output is added
   * @param x {@code [F * S, C]}; may be the residual
   * @param first place of the first of the frames in the cache
   */
  public void addTo(
      Tensor residual, Tensor x, FrameCache.Layer cache, int first, Workspace.Frame outer) {
    int tokens = cache.keys().size(1);
    int frames = x.size(0) / tokens;
    int end = first + frames;
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      projections.keysInto(input, flat(cache.keys().slice(first, end)));
      projections.valuesInto(input, flat(cache.values().slice(first, end)));
      Tensor q = projections.queries(input);
      Tensor byFrame = q.reshape(frames, tokens, q.size(1), q.size(2));
      Tensor attended = frame.like(byFrame);
      attention.run(
          byFrame,
          cache.keys().slice(0, end),
          cache.values().slice(0, end),
          Visibility.CAUSAL,
          projections.scale(),
          attended);
      projections.addTo(residual, attended, frame);
    }
  }

  /** {@code [F, S, H, D]} seen as {@code [F * S, H * D]}. */
  private static Tensor flat(Tensor x) {
    return x.reshape((long) x.size(0) * x.size(1), (long) x.size(2) * x.size(3));
  }
}
