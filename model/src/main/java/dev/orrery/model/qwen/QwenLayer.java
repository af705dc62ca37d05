package dev.orrery.model.qwen;

import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WeightedRmsNorm;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * A layer of the text encoder. Seven heads of queries share one of keys and values in the released
 * one.
 *
 * <pre>
 * x ─ RMS ─┬─ q ─ rotary ─┐
 *          ├─ k ─ rotary ─┼─ causal attention ─ o ─ + x ─ RMS ─┬─ silu(gate) ─ * ─ down ─ + x
 *          └─ v ──────────┘                                    └─ up ────────┘
 * </pre>
 */
final class QwenLayer {
  private final QwenConfig config;
  private final WeightedRmsNorm norm0;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear o;
  private final WeightedRmsNorm norm1;
  private final Linear gate;
  private final Linear up;
  private final Linear down;
  private final Rope rope;
  private final BiasedAttention attention;
  private final Multiply multiply;

  QwenLayer(Parameters p, QwenConfig config) {
    this.config = config;
    int dim = config.dim();
    int ofKeys = config.keyHeads() * config.headDim();
    Parameters self = p.at("self_attn");
    Parameters mlp = p.at("mlp");
    norm0 = new WeightedRmsNorm(p.at("input_layernorm"), dim, config.eps());
    q = Linear.of(self.at("q_proj"), dim, dim);
    k = Linear.of(self.at("k_proj"), dim, ofKeys);
    v = Linear.of(self.at("v_proj"), dim, ofKeys);
    o = Linear.withoutBias(self.at("o_proj"), dim, dim);
    norm1 = new WeightedRmsNorm(p.at("post_attention_layernorm"), dim, config.eps());
    gate = Linear.withoutBias(mlp.at("gate_proj"), dim, config.hidden());
    up = Linear.withoutBias(mlp.at("up_proj"), dim, config.hidden());
    down = Linear.withoutBias(mlp.at("down_proj"), config.hidden(), dim);
    rope = p.kernel(Rope.class);
    attention = p.kernel(BiasedAttention.class);
    multiply = p.kernel(Multiply.class);
  }

  /**
   * Runs the layer.
   *
   * @param x {@code [L, dim]}, replaced
   * @param rotary table of {@link Rope} for pairs of halves
   * @param causal {@link BiasedAttention#causal}
   */
  void forward(Tensor x, Tensor rotary, Tensor causal, Workspace.Frame frame, Trace trace) {
    attend(x, rotary, causal, frame, trace);
    feedForward(x, frame);
  }

  private void attend(Tensor x, Tensor rotary, Tensor causal, Workspace.Frame outer, Trace trace) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput normed = LinearInput.of(norm0.forward(x, frame), frame);
      Tensor queries = byHead(q.forward(normed), config.heads());
      Tensor keys = byHead(k.forward(normed), config.keyHeads());
      Tensor values = byHead(v.forward(normed), config.keyHeads());
      rope.run(queries, rotary, Rope.Pairs.HALVES, queries);
      rope.run(keys, rotary, Rope.Pairs.HALVES, keys);
      trace.tap("q_rope", queries);
      trace.tap("k_rope", keys);
      Tensor attended = frame.like(x);
      double scale = 1 / Math.sqrt(config.headDim());
      attention.run(queries, keys, values, causal, scale, byHead(attended, config.heads()));
      o.addTo(x, null, attended, frame);
      trace.tap("after_attn", x);
    }
  }

  private void feedForward(Tensor x, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput normed = LinearInput.of(norm1.forward(x, frame), frame);
      Tensor gated = gate.forward(normed, Activation.SILU);
      Tensor hidden = up.forward(normed);
      multiply.run(gated, hidden, hidden);
      down.addTo(x, null, hidden, frame);
    }
  }

  private Tensor byHead(Tensor x, int heads) {
    return x.reshape(x.size(0), heads, config.headDim());
  }
}
