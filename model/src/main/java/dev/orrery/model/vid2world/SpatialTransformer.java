package dev.orrery.model.vid2world;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * A transformer block over the tokens of every frame, beside the input.
 *
 * <pre>
 * x ─ GN ─ proj_in ─ h
 * h += FrameAttention(LN(h));  h += ContextAttention(LN(h));  h += GEGLU(LN(h))
 * x += proj_out(h)
 * </pre>
 */
final class SpatialTransformer implements UnetLayer {
  static final double GROUP_EPS = 1e-6;
  static final double LAYER_EPS = 1e-5;

  private final AffineGroupNorm norm;
  private final Linear projIn;
  private final AffineLayerNorm norm1;
  private final FrameAttention frames;
  private final AffineLayerNorm norm2;
  private final ContextAttention context;
  private final AffineLayerNorm norm3;
  private final GatedFeedForward feedForward;
  private final Linear projOut;

  SpatialTransformer(Parameters p, int dim, UnetConfig config) {
    norm = new AffineGroupNorm(p.at("norm"), dim, UnetConfig.GROUPS, GROUP_EPS, Activation.NONE);
    projIn = Linear.of(p.at("proj_in"), dim, dim);
    Parameters block = p.at("transformer_blocks.0");
    norm1 = new AffineLayerNorm(block.at("norm1"), dim, LAYER_EPS);
    frames = new FrameAttention(block.at("attn1"), dim, config.headDim());
    norm2 = new AffineLayerNorm(block.at("norm2"), dim, LAYER_EPS);
    context = new ContextAttention(block.at("attn2"), dim, config.contextDim(), config.headDim());
    norm3 = new AffineLayerNorm(block.at("norm3"), dim, LAYER_EPS);
    feedForward = new GatedFeedForward(block.at("ff"), dim);
    projOut = Linear.of(p.at("proj_out"), dim, dim);
  }

  @Override
  public Tensor forward(Tensor x, UnetPass pass, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor normed = UnetLayer.tokens(norm.forward(x, frame));
      Tensor hidden = projIn.forward(normed, frame);
      norm1.into(hidden, normed);
      frames.addWithinFrames(hidden, normed, pass.frames(), frame);
      norm2.into(hidden, normed);
      context.addTo(hidden, normed, pass, frame);
      norm3.into(hidden, normed);
      feedForward.addTo(hidden, normed, frame);
      projOut.addTo(UnetLayer.tokens(x), null, hidden, frame);
    }
    return x;
  }
}
