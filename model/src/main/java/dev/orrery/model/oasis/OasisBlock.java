package dev.orrery.model.oasis;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.SelfAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/**
 * One transformer block. Shift, scale and gate of each layer come from timestep and action of each
 * frame.
 *
 * <pre>
 * x ─ LN, scale, shift ─ attention within each frame ─ (· gate + x)
 *   ─ LN, scale, shift ─ MLP, GELU tanh ─ (· gate + x)
 *   ─ LN, scale, shift ─ attention to the same place in earlier frames ─ (· gate + x)
 *   ─ LN, scale, shift ─ MLP, GELU tanh ─ (· gate + x)
 * </pre>
 *
 * <p>Source: {@code SpatioTemporalDiTBlock} in open-oasis' {@code dit.py}.
 */
final class OasisBlock {
  static final double EPS = 1e-6;

  private static final int SPATIAL_ATTENTION = 0;
  private static final int SPATIAL_MLP = 1;
  private static final int TEMPORAL_ATTENTION = 2;
  private static final int TEMPORAL_MLP = 3;

  /** Layers of a half. */
  private static final int LAYERS = 2;

  private final int index;
  private final AdaptiveLayerNorm norm;
  private final SelfAttention spatialAttention;
  private final FeedForward spatialMlp;
  private final ModulationProjection spatialModulation;
  private final OasisTemporalAttention temporalAttention;
  private final FeedForward temporalMlp;
  private final ModulationProjection temporalModulation;

  /**
   * @param p parameters of the whole transformer
   * @param index the block's number
   */
  OasisBlock(Parameters p, int index, OasisTransformerConfig config) {
    this.index = index;
    int dim = config.dim();
    Parameters block = p.at("blocks." + index);
    Parameters conditioning = block.beside(DType.F32);
    norm = new AdaptiveLayerNorm(p, EPS);
    spatialAttention =
        new SelfAttention(
            p,
            Linear.withoutBias(block.at("s_attn.to_qkv"), dim, 3 * dim),
            Linear.of(block.at("s_attn.to_out"), dim, dim),
            config.heads());
    spatialMlp = mlp(block.at("s_mlp"), config);
    spatialModulation = modulation(conditioning.at("s_adaLN_modulation.1"), dim);
    temporalAttention = new OasisTemporalAttention(block.at("t_attn"), dim);
    temporalMlp = mlp(block.at("t_mlp"), config);
    temporalModulation = modulation(conditioning.at("t_adaLN_modulation.1"), dim);
  }

  private static FeedForward mlp(Parameters p, OasisTransformerConfig config) {
    int dim = config.dim();
    return FeedForward.of(
        p.at("fc1"), p.at("fc2"), Activation.GELU_TANH, dim, config.hidden(), dim);
  }

  private static ModulationProjection modulation(Parameters p, int dim) {
    return new ModulationProjection(p, LAYERS * OasisModulation.VECTORS_OF_LAYER, dim);
  }

  /**
   * Writes what the frames' conditions say to this block.
   *
   * @param activated the conditions after their SiLU, {@code [F, C]}, fp32
   */
  void modulate(LinearInput activated, OasisModulation out, Trace trace) {
    List<Tensor> spatial = out.vectors(index, SPATIAL_ATTENTION, LAYERS);
    spatialModulation.into(activated, spatial);
    List<Tensor> temporal = out.vectors(index, TEMPORAL_ATTENTION, LAYERS);
    temporalModulation.into(activated, temporal);
    for (int i = 0; i < spatial.size(); i++) {
      trace.tap("s_modulation." + i, spatial.get(i));
      trace.tap("t_modulation." + i, temporal.get(i));
    }
  }

  /**
   * Runs the spatial half.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param rotary spatial positions of all tokens
   */
  void spatial(
      Tensor x, OasisModulation modulation, Tensor rotary, Workspace.Frame outer, Trace trace) {
    ShiftScaleGate attention = modulation.layer(index, SPATIAL_ATTENTION);
    ShiftScaleGate mlp = modulation.layer(index, SPATIAL_MLP);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor normed = norm.forward(x, attention, frame);
      trace.tap("s_attn_in", normed);
      spatialAttention.addTo(x, attention.gate(), normed, modulation.rows(), rotary, frame);
      trace.tap("after_s_attn", x);
      norm.into(x, mlp, normed);
      spatialMlp.addTo(x, mlp.gate(), normed, frame);
      trace.tap("after_s_mlp", x);
    }
  }

  /**
   * Runs the temporal half, leaving the frames' keys and values in the caches.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   */
  void temporal(Tensor x, OasisFrames frames, OasisKvState kv, Workspace.Frame outer, Trace trace) {
    ShiftScaleGate mlp = frames.modulation().layer(index, TEMPORAL_MLP);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor normed = temporalAttention(x, frames, kv, frame);
      trace.tap("after_t_attn", x);
      norm.into(x, mlp, normed);
      temporalMlp.addTo(x, mlp.gate(), normed, frame);
      trace.tap("out", x);
    }
  }

  private Tensor temporalAttention(
      Tensor x, OasisFrames frames, OasisKvState kv, Workspace.Frame outer) {
    ShiftScaleGate attention = frames.modulation().layer(index, TEMPORAL_ATTENTION);
    Tensor normed = norm.forward(x, attention, outer);
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(normed, frame);
      temporalAttention.remember(input, own(frames, kv), frames.rotary());
      KvCache.View seen = kv.rows(index, 0, frames.seen());
      temporalAttention.addTo(x, attention.gate(), input, seen, frames.rotary(), frame);
    }
    return normed;
  }

  /** Leaves the frames' temporal keys and values in the caches and does no more. */
  void remember(Tensor x, OasisFrames frames, OasisKvState kv, Workspace.Frame outer) {
    ShiftScaleGate attention = frames.modulation().layer(index, TEMPORAL_ATTENTION);
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(norm.forward(x, attention, frame), frame);
      temporalAttention.remember(input, own(frames, kv), frames.rotary());
    }
  }

  private KvCache.View own(OasisFrames frames, OasisKvState kv) {
    return kv.rows(index, frames.row(), frames.row() + frames.count());
  }
}
