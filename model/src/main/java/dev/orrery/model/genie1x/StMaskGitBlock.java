package dev.orrery.model.genie1x;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.CausalAttention;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.genie.HeadProjections;
import dev.orrery.model.genie.SpatialAttention;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * One transformer block. The norms are there if those of queries and keys are not.
 *
 * <pre>
 * x ─ LN (norm1) ─ attention within the frame ─ (+ x) ─ attention over time ─ (+ x)
 *   ─ LN (norm2) ─ Linear, GELU, Linear ─ (+ x)
 * </pre>
 */
final class StMaskGitBlock {
  private static final double EPS = 1e-5;

  private final AffineLayerNorm norm1;
  private final SpatialAttention spatial;
  private final CausalAttention temporal;
  private final AffineLayerNorm norm2;
  private final FeedForward mlp;
  private final int tokens;

  StMaskGitBlock(Parameters p, StMaskGitConfig config) {
    int dim = config.dim();
    int hidden = config.hiddenDim();
    boolean biases = config.options().mlpBias();
    boolean norms = !config.options().qkNorm();
    norm1 = norms ? new AffineLayerNorm(p.at("norm1"), dim, EPS) : null;
    spatial = new SpatialAttention(p, projections(p.at("spatial_attn"), config));
    temporal = new CausalAttention(p, projections(p.at("temporal_attn"), config));
    norm2 = norms ? new AffineLayerNorm(p.at("norm2"), dim, EPS) : null;
    mlp =
        new FeedForward(
            linear(p.at("mlp.fc1"), dim, hidden, biases),
            Activation.GELU_ERF,
            linear(p.at("mlp.fc2"), hidden, dim, biases));
    tokens = config.tokens();
  }

  private static HeadProjections projections(Parameters p, StMaskGitConfig config) {
    int dim = config.dim();
    StMaskGitConfig.Options options = config.options();
    Linear qkv = linear(p.at("qkv"), dim, 3 * dim, options.qkvBias());
    return new HeadProjections(
        config.heads(),
        qkv.outputs(0, dim),
        qkv.outputs(dim, 2 * dim),
        qkv.outputs(2 * dim, 3 * dim),
        linear(p.at("proj"), dim, dim, options.projBias()),
        options.qkNorm() ? new AffineLayerNorm(p.at("norm"), config.headDim(), EPS) : null,
        config.attentionScale());
  }

  private static Linear linear(Parameters p, int in, int out, boolean bias) {
    return bias ? Linear.of(p, in, out) : Linear.withoutBias(p, in, out);
  }

  /**
   * One pass over some frames, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param first place of the first of the frames in the window
   * @param cache gets the keys and values of these frames
   */
  void forward(Tensor x, int first, FrameCache.Layer cache, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      spatial.addTo(x, normalised(norm1, x, frame), x.size(0) / tokens, frame);
    }
    temporal.addTo(x, x, cache, first, outer);
    try (Workspace.Frame frame = outer.inner()) {
      mlp.addTo(x, null, normalised(norm2, x, frame), frame);
    }
  }

  private static Tensor normalised(AffineLayerNorm norm, Tensor x, Workspace.Frame frame) {
    return norm == null ? x : norm.forward(x, frame);
  }
}
