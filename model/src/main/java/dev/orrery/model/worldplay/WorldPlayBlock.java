package dev.orrery.model.worldplay;

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
 * One block of the transformer.
 *
 * <pre>
 * x ─ LN (1 + scale) + shift ─ self-attention ─ gate ─ (+ x)
 *   ─ LN affine ─ cross-attention to the text ─────── (+ x)
 *   ─ LN (1 + scale) + shift ─ FFN ─ gate ──────────── (+ x)
 * </pre>
 */
final class WorldPlayBlock {
  /** Shift, scale and gate of self-attention, then of the FFN. */
  static final int VECTORS = 6;

  private final double eps;
  private final int ffnDim;
  private final Tensor modulation;
  private final WorldPlayAttention selfAttention;
  private final CrossAttention crossAttention;
  private final Tensor crossNormWeight;
  private final Tensor crossNormBias;
  private final Linear ffnIn;
  private final Linear ffnOut;
  private final Modulation modulate;
  private final LayerNorm layerNorm;
  private final LayerNormModulate layerNormModulate;

  WorldPlayBlock(Parameters p, WorldPlayTransformerConfig config) {
    int dim = config.dim();
    eps = config.eps();
    ffnDim = config.ffnDim();
    modulation =
        p.beside(DType.F32).get("scale_shift_table", 1, VECTORS, dim).reshape(VECTORS, dim);
    selfAttention = new WorldPlayAttention(p.at("attn1"), config);
    Parameters cross = p.at("attn2");
    crossAttention =
        new CrossAttention(
            cross, new AttentionProjections(cross, Names.DIFFUSERS, dim, config.heads(), eps));
    crossNormWeight = p.get("norm2.weight", dim);
    crossNormBias = p.get("norm2.bias", dim);
    ffnIn = Linear.of(p.at("ffn.net.0.proj"), dim, ffnDim);
    ffnOut = Linear.of(p.at("ffn.net.2"), ffnDim, dim);
    modulate = p.kernel(Modulation.class);
    layerNorm = p.kernel(LayerNorm.class);
    layerNormModulate = p.kernel(LayerNormModulate.class);
  }

  CrossAttention crossAttention() {
    return crossAttention;
  }

  /**
   * One pass over some frames, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param timeProjection {@code [6, F, C]}
   * @param onlyRemember whether nobody needs x any more, only what the memory then holds
   */
  void forward(
      Tensor x,
      Tensor timeProjection,
      WorldPlayPositions step,
      WorldPlayKvState.Layer memory,
      boolean onlyRemember,
      Workspace workspace,
      Trace trace) {
    int tokens = x.size(0);
    int dim = x.size(1);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor m = frame.empty(DType.F32, VECTORS, timeProjection.size(1), dim);
      modulate.run(modulation, timeProjection, m);
      Tensor u = frame.like(x, tokens, dim);
      layerNormModulate.run(x, m.row(0), m.row(1), eps, u);
      trace.tap("self_in", u);
      selfAttention.remember(u, step, memory, workspace);
      if (onlyRemember) {
        return;
      }
      selfAttention.attend(u, step, memory, m.row(2), workspace, x, trace);
      trace.tap("after_self", x);

      layerNorm.run(x, crossNormWeight, crossNormBias, eps, u);
      crossAttention.forward(u, memory.text(), workspace, x);
      trace.tap("after_cross", x);

      layerNormModulate.run(x, m.row(3), m.row(4), eps, u);
      Tensor hidden = frame.like(x, tokens, ffnDim);
      ffnIn.forward(LinearInput.of(u, frame), Activation.GELU_TANH, hidden);
      ffnOut.addTo(x, m.row(5), LinearInput.of(hidden, frame));
      trace.tap("out", x);
    }
  }
}
