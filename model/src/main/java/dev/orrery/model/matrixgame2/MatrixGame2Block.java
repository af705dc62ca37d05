package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionProjections;
import dev.orrery.model.layers.AttentionProjections.Names;
import dev.orrery.model.layers.CrossAttention;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * One transformer block. Shift, scale and gate come from the timestep of each latent frame.
 *
 * <pre>
 * x ─ LN, modulate(m1, m0) ─ self-attention ─ (· m2 + x)
 *   ─ LN (norm3) ─ cross-attention to the image ─ (+ x)
 *   ─ action module, in some blocks
 *   ─ LN, modulate(m4, m3) ─ FFN, GELU tanh ─ (· m5 + x)
 * </pre>
 *
 * <p>Source: {@code CausalWanAttentionBlock} of Matrix-Game 2.0.
 */
final class MatrixGame2Block {
  private static final int VECTORS = 6;

  private final Tensor modulation;
  private final MatrixGame2Attention selfAttention;
  private final Tensor norm3Weight;
  private final Tensor norm3Bias;
  private final CrossAttention crossAttention;
  private final ActionModule actionModule;
  private final Linear ffn0;
  private final Linear ffn2;
  private final double eps;
  private final int ffnDim;
  private final Modulation modulate;
  private final LayerNormModulate layerNormModulate;
  private final LayerNorm layerNorm;

  MatrixGame2Block(Parameters p, MatrixGame2TransformerConfig config, boolean withActions) {
    int dim = config.dim();
    modulation = p.get("modulation", 1, VECTORS, dim).reshape(VECTORS, dim);
    selfAttention = new MatrixGame2Attention(p.at("self_attn"), config);
    norm3Weight = p.get("norm3.weight", dim);
    norm3Bias = p.get("norm3.bias", dim);
    Parameters cross = p.at("cross_attn");
    crossAttention =
        new CrossAttention(
            cross,
            new AttentionProjections(cross, Names.WAN, config.dim(), config.heads(), config.eps()));
    actionModule = withActions ? new ActionModule(p.at("action_model"), config.action()) : null;
    ffn0 = Linear.of(p.at("ffn.0"), dim, config.ffnDim());
    ffn2 = Linear.of(p.at("ffn.2"), config.ffnDim(), dim);
    eps = config.eps();
    ffnDim = config.ffnDim();
    modulate = p.kernel(Modulation.class);
    layerNormModulate = p.kernel(LayerNormModulate.class);
    layerNorm = p.kernel(LayerNorm.class);
  }

  CrossAttention crossAttention() {
    return crossAttention;
  }

  boolean hasActions() {
    return actionModule != null;
  }

  /**
   * One pass over a block of the video, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param timeProjection {@code [6, F, C]}
   * @param step positions and actions of the block
   * @param memory what this layer remembers
   */
  void forward(
      Tensor x,
      Tensor timeProjection,
      MatrixGame2Chunk step,
      MatrixGame2KvState.Layer memory,
      Workspace workspace,
      Trace trace) {
    int tokens = x.size(0);
    int dim = x.size(1);
    int frames = timeProjection.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor m = frame.empty(DType.F32, VECTORS, frames, dim);
      modulate.run(modulation, timeProjection, m);
      Tensor u = frame.like(x, tokens, dim);

      layerNormModulate.run(x, m.row(0), m.row(1), eps, u);
      trace.tap("self_attn_in", u);
      selfAttention.forward(u, step, memory.self(), m.row(2), workspace, x);
      trace.tap("after_self_attn", x);

      layerNorm.run(x, norm3Weight, norm3Bias, eps, u);
      crossAttention.forward(u, memory.image(), workspace, x);
      trace.tap("after_cross_attn", x);

      if (actionModule != null) {
        actionModule.forward(x, step.actions(), memory.action(), step.startFrame(), workspace);
        trace.tap("after_action", x);
      }
      trace.tap("before_ffn_norm", x);
      layerNormModulate.run(x, m.row(3), m.row(4), eps, u);
      Tensor hidden = frame.like(x, tokens, ffnDim);
      ffn0.forward(LinearInput.of(u, frame), Activation.GELU_TANH, hidden);
      ffn2.addTo(x, m.row(5), LinearInput.of(hidden, frame));
      trace.tap("out", x);
    }
  }
}
