package dev.orrery.model.worldplay;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionProjections;
import dev.orrery.model.layers.AttentionProjections.Names;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Self-attention of a chunk and its memory in two branches, one that knows slots in the window and
 * one that knows cameras. Both see all tokens of the window.
 *
 * <pre>
 * x [T, C] - q, k - RMS over C -+- RoPE - attention - out -------+- (+ residual) [T, C]
 *          - v -----------------+- PRoPE attention - out prope --+
 * </pre>
 */
final class WorldPlayAttention {
  private final AttentionProjections projections;
  private final Linear propeOutput;
  private final Rope rope;
  private final Attention attention;
  private final PropeAttention propeAttention;

  WorldPlayAttention(Parameters p, WorldPlayTransformerConfig config) {
    projections =
        new AttentionProjections(p, Names.DIFFUSERS, config.dim(), config.heads(), config.eps());
    propeOutput = Linear.of(p.at("to_out_prope.0"), config.dim(), config.dim());
    rope = p.kernel(Rope.class);
    attention = p.kernel(Attention.class);
    propeAttention = p.kernel(PropeAttention.class);
  }

  /** Writes keys and values of the pass into the window. */
  void remember(
      Tensor x, WorldPlayPositions step, WorldPlayKvState.Layer memory, Workspace workspace) {
    try (Workspace.Frame frame = workspace.frame()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor keys = ofPass(memory.keys(), step, x);
      projections.keys(input, flat(keys));
      rope.run(keys, step.rotary(), ofPass(memory.rotatedKeys(), step, x));
      projections.values(input, flat(ofPass(memory.values(), step, x)));
    }
  }

  /**
   * Attends to the whole window, after {@link #remember}.
   *
   * @param x {@code [T, C]}
   * @param gate {@code [F, C]}
   * @param residual {@code [T, C]}, to which both branches are added
   */
  void attend(
      Tensor x,
      WorldPlayPositions step,
      WorldPlayKvState.Layer memory,
      Tensor gate,
      Workspace workspace,
      Tensor residual,
      Trace trace) {
    int tokens = x.size(0);
    int dim = x.size(1);
    int window = step.firstToken() + tokens;
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor q = frame.like(x, tokens, dim);
      projections.queries(LinearInput.of(x, frame), q);
      trace.tap("q", q);
      Tensor queries = projections.byHead(q);
      Tensor attended = frame.like(x, tokens, dim);
      Tensor values = memory.values().slice(0, window);
      propeAttention.run(
          queries,
          memory.keys().slice(0, window),
          values,
          step.imageFromWorld(),
          step.worldFromImage(),
          projections.scale(),
          projections.byHead(attended));
      trace.tap("prope_attn", attended);
      propeOutput.addTo(residual, gate, LinearInput.of(attended, frame));
      rope.run(queries, step.rotary(), queries);
      attention.run(
          queries,
          memory.rotatedKeys().slice(0, window),
          values,
          projections.scale(),
          projections.byHead(attended));
      trace.tap("rope_attn", attended);
      projections.addOutput(LinearInput.of(attended, frame), gate, residual);
    }
  }

  /** The rows of a window's tensor that belong to the frames of a pass. */
  private static Tensor ofPass(Tensor window, WorldPlayPositions step, Tensor x) {
    return window.slice(step.firstToken(), (long) step.firstToken() + x.size(0));
  }

  private static Tensor flat(Tensor byHead) {
    return byHead.reshape(byHead.size(0), (long) byHead.size(1) * byHead.size(2));
  }
}
