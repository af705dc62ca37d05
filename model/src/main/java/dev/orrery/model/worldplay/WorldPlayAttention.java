package dev.orrery.model.worldplay;

import dev.orrery.kernels.attention.Cameras;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.CameraAttention;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WindowAttention;
import dev.orrery.model.wan.AttentionProjections;
import dev.orrery.model.wan.AttentionProjections.Names;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Self-attention of a chunk and its context frames in two branches, one that knows slots in the
 * window and one that knows cameras. Both see all tokens of the window.
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
  private final WindowAttention attention;
  private final CameraAttention propeAttention;

  WorldPlayAttention(Parameters p, WorldPlayTransformerConfig config) {
    projections =
        new AttentionProjections(p, Names.DIFFUSERS, config.dim(), config.heads(), config.eps());
    propeOutput = Linear.of(p.at("to_out_prope.0"), config.dim(), config.dim());
    rope = p.kernel(Rope.class);
    attention = WindowAttention.of(p.backend(), config.attention());
    propeAttention = CameraAttention.of(p.backend(), config.attention());
  }

  /** Writes keys and values of the frames {@code x [T, C]} into the window. */
  void remember(
      Tensor x, WorldPlayPositions positions, WorldPlayKvState.Layer kv, Workspace.Frame outer) {
    int first = positions.firstToken();
    int end = first + x.size(0);
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor keys = kv.keys().slice(first, end);
      projections.keysInto(input, keys);
      rope.run(keys, positions.rotary(), kv.rotatedKeys().slice(first, end));
      projections.valuesInto(input, kv.values().slice(first, end));
    }
  }

  /**
   * Attends to the whole window, after {@link #remember}.
   *
   * @param residual {@code [T, C]}, to which both branches are added
   * @param gate {@code [F, C]}
   * @param x {@code [T, C]}
   */
  void addTo(
      Tensor residual,
      Tensor gate,
      Tensor x,
      WorldPlayPositions positions,
      WorldPlayKvState.Layer kv,
      Workspace.Frame outer,
      Trace trace) {
    int window = positions.firstToken() + x.size(0);
    Tensor values = kv.values().slice(0, window);
    double scale = projections.scale();
    try (Workspace.Frame frame = outer.inner()) {
      Tensor q = projections.queries(LinearInput.of(x, frame));
      trace.tap("q", q);
      Tensor attended = frame.like(q);
      Cameras cameras = new Cameras(positions.imageFromWorld(), positions.worldFromImage(), 0);
      Tensor keys = kv.keys().slice(0, window);
      propeAttention.run(q, keys, values, cameras, scale, attended, frame);
      trace.tap("prope_attn", attended);
      propeOutput.addTo(residual, gate, projections.flat(attended), frame);
      rope.run(q, positions.rotary(), q);
      attention.run(q, kv.rotatedKeys().slice(0, window), values, scale, attended, frame);
      trace.tap("rope_attn", attended);
      projections.addTo(residual, gate, attended, frame);
    }
  }
}
