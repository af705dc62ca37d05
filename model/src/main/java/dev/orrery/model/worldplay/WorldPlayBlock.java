package dev.orrery.model.worldplay;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.ModulationTable;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.wan.AttentionProjections.Names;
import dev.orrery.model.wan.CrossAttention;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/**
 * One transformer block. Shift, scale and gate come from the timestep and action of each latent
 * frame.
 *
 * <pre>
 * x ─ LN, scale, shift ─ self-attention ─ (· gate + x)
 *   ─ LN (norm2) ─ cross-attention to the text ─ (+ x)
 *   ─ LN, scale, shift ─ FFN, GELU tanh ─ (· gate + x)
 * </pre>
 */
final class WorldPlayBlock {
  /** Shift, scale and gate of self-attention, then of the feed-forward network. */
  static final int MODULATION_VECTORS = 6;

  private final ModulationTable modulation;
  private final AdaptiveLayerNorm norm;
  private final WorldPlayAttention selfAttention;
  private final CrossAttention crossAttention;
  private final AffineLayerNorm norm2;
  private final FeedForward feedForward;

  WorldPlayBlock(Parameters p, WorldPlayTransformerConfig config) {
    int dim = config.dim();
    modulation =
        new ModulationTable(p.beside(DType.F32), "scale_shift_table", MODULATION_VECTORS, dim);
    norm = new AdaptiveLayerNorm(p, config.eps());
    selfAttention = new WorldPlayAttention(p.at("attn1"), config);
    crossAttention =
        new CrossAttention(p.at("attn2"), Names.DIFFUSERS, dim, config.heads(), config.eps());
    norm2 = new AffineLayerNorm(p.at("norm2"), dim, config.eps());
    feedForward =
        FeedForward.of(
            p.at("ffn.net.0.proj"),
            p.at("ffn.net.2"),
            Activation.GELU_TANH,
            dim,
            config.ffnDim(),
            dim);
  }

  CrossAttention crossAttention() {
    return crossAttention;
  }

  /**
   * One forward pass over some frames, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param timeVectors what timesteps and actions say to all blocks, {@code [6, F, C]}
   * @param onlyRemember whether nobody needs x any more, only the keys and values in the window
   */
  void forward(
      Tensor x,
      Tensor timeVectors,
      WorldPlayPositions positions,
      WorldPlayKvState.Layer kv,
      boolean onlyRemember,
      Workspace.Frame outer,
      Trace trace) {
    try (Workspace.Frame frame = outer.inner()) {
      List<ShiftScaleGate> layers = modulation.forward(timeVectors, frame);
      ShiftScaleGate attention = layers.get(0);
      ShiftScaleGate ffn = layers.get(1);

      Tensor u = norm.forward(x, attention, frame);
      trace.tap("self_in", u);
      if (onlyRemember) {
        selfAttention.remember(u, positions, kv, frame);
        return;
      }
      selfAttention.addTo(x, attention.gate(), u, positions, kv, frame, trace);
      trace.tap("after_self", x);

      norm2.into(x, u);
      crossAttention.addTo(x, u, kv.text(), frame);
      trace.tap("after_cross", x);

      norm.into(x, ffn, u);
      feedForward.addTo(x, ffn.gate(), u, frame);
      trace.tap("out", x);
    }
  }
}
