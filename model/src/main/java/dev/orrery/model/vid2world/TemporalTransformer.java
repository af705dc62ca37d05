package dev.orrery.model.vid2world;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * A transformer block over time at every position, beside the input. There are no positions in
 * time: what a frame sees of earlier ones does not depend on their order.
 *
 * <pre>
 * x ─ GN over the window ─ proj_in ─ h
 * h += attention(LN(h));  h += attention(LN(h));  h += GEGLU(LN(h))       both causal over time
 * x += proj_out(h)
 * </pre>
 */
final class TemporalTransformer implements UnetLayer {
  private final AffineGroupNorm norm;
  private final Linear projIn;
  private final AffineLayerNorm norm1;
  private final FrameAttention attention1;
  private final AffineLayerNorm norm2;
  private final FrameAttention attention2;
  private final AffineLayerNorm norm3;
  private final GatedFeedForward feedForward;
  private final Linear projOut;

  /** Projections around the block, which may be wider than what goes in. */
  private record Projections(int channels, int dim, Linear in, Linear out) {}

  /** A transformer as wide as what goes in. */
  static TemporalTransformer of(Parameters p, int channels, int headDim) {
    Linear in = Linear.of(p.at("proj_in"), channels, channels);
    Linear out = Linear.of(p.at("proj_out"), channels, channels);
    return new TemporalTransformer(p, new Projections(channels, channels, in, out), headDim);
  }

  /** One with a number of heads, whose projections are stored as convolutions of one tap. */
  static TemporalTransformer ofHeads(Parameters p, int channels, int heads, int headDim) {
    int dim = heads * headDim;
    Linear in = Linear.pointwise(p.at("proj_in"), channels, dim, 1);
    Linear out = Linear.pointwise(p.at("proj_out"), dim, channels, 1);
    return new TemporalTransformer(p, new Projections(channels, dim, in, out), headDim);
  }

  private TemporalTransformer(Parameters p, Projections projections, int headDim) {
    norm =
        new AffineGroupNorm(
            p.at("norm"),
            projections.channels(),
            UnetConfig.GROUPS,
            SpatialTransformer.GROUP_EPS,
            Activation.NONE);
    projIn = projections.in();
    int dim = projections.dim();
    Parameters block = p.at("transformer_blocks.0");
    norm1 = new AffineLayerNorm(block.at("norm1"), dim, SpatialTransformer.LAYER_EPS);
    attention1 = new FrameAttention(block.at("attn1"), dim, headDim);
    norm2 = new AffineLayerNorm(block.at("norm2"), dim, SpatialTransformer.LAYER_EPS);
    attention2 = new FrameAttention(block.at("attn2"), dim, headDim);
    norm3 = new AffineLayerNorm(block.at("norm3"), dim, SpatialTransformer.LAYER_EPS);
    feedForward = new GatedFeedForward(block.at("ff"), dim);
    projOut = projections.out();
  }

  @Override
  public Tensor forward(Tensor x, UnetPass pass, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor input = UnetLayer.tokens(norm.forward(UnetLayer.window(x), frame));
      Tensor hidden = projIn.forward(input, frame);
      Tensor normed = norm1.forward(hidden, frame);
      attention1.addOverTime(hidden, normed, pass.frames(), frame);
      norm2.into(hidden, normed);
      attention2.addOverTime(hidden, normed, pass.frames(), frame);
      norm3.into(hidden, normed);
      feedForward.addTo(hidden, normed, frame);
      projOut.addTo(UnetLayer.tokens(x), null, hidden, frame);
    }
    return x;
  }
}
