package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.linear.Activation;
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
 * One transformer block. Shift, scale and gate come from the timestep of each latent frame.
 *
 * <pre>
 * x ─ LN, scale, shift ─ self-attention ─ (· gate + x)
 *   ─ LN (norm3) ─ cross-attention to the image ─ (+ x)
 *   ─ action module, in some blocks
 *   ─ LN, scale, shift ─ FFN, GELU tanh ─ (· gate + x)
 * </pre>
 *
 * <p>Source: {@code CausalWanAttentionBlock} of Matrix-Game 2.0.
 */
final class MatrixGame2Block {
  /** Shift, scale and gate of self-attention, then of the feed-forward network. */
  static final int MODULATION_VECTORS = 6;

  private final ModulationTable modulation;
  private final AdaptiveLayerNorm norm;
  private final MatrixGame2Attention selfAttention;
  private final AffineLayerNorm norm3;
  private final CrossAttention crossAttention;
  private final ActionModule actionModule;
  private final FeedForward feedForward;

  MatrixGame2Block(Parameters p, MatrixGame2TransformerConfig config, boolean withActions) {
    int dim = config.dim();
    modulation = new ModulationTable(p, "modulation", MODULATION_VECTORS, dim);
    norm = new AdaptiveLayerNorm(p, config.eps());
    selfAttention = new MatrixGame2Attention(p.at("self_attn"), config);
    norm3 = new AffineLayerNorm(p.at("norm3"), dim, config.eps());
    crossAttention =
        new CrossAttention(p.at("cross_attn"), Names.WAN, dim, config.heads(), config.eps());
    actionModule = withActions ? new ActionModule(p.at("action_model"), config.action()) : null;
    feedForward =
        FeedForward.of(
            p.at("ffn.0"), p.at("ffn.2"), Activation.GELU_TANH, dim, config.ffnDim(), dim);
  }

  CrossAttention crossAttention() {
    return crossAttention;
  }

  /**
   * One forward pass over a chunk of the video, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param timeVectors what the timesteps say to all blocks, {@code [6, F, C]}
   * @param chunk positions and actions of the chunk
   * @param kv keys and values of this block
   */
  void forward(
      Tensor x,
      Tensor timeVectors,
      MatrixGame2Chunk chunk,
      MatrixGame2KvState.Layer kv,
      Workspace.Frame outer,
      Trace trace) {
    try (Workspace.Frame frame = outer.inner()) {
      List<ShiftScaleGate> layers = modulation.forward(timeVectors, frame);
      ShiftScaleGate attention = layers.get(0);
      ShiftScaleGate ffn = layers.get(1);

      Tensor u = norm.forward(x, attention, frame);
      trace.tap("self_attn_in", u);
      selfAttention.addTo(x, attention.gate(), u, chunk, kv.self(), frame);
      trace.tap("after_self_attn", x);

      norm3.into(x, u);
      crossAttention.addTo(x, u, kv.image(), frame);
      trace.tap("after_cross_attn", x);

      if (actionModule != null) {
        actionModule.addTo(x, chunk.actions(), kv.actions(), chunk.startFrame(), frame);
        trace.tap("after_action", x);
      }
      trace.tap("before_ffn_norm", x);
      norm.into(x, ffn, u);
      feedForward.addTo(x, ffn.gate(), u, frame);
      trace.tap("out", x);
    }
  }
}
