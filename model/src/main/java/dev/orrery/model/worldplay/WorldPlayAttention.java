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
    WorldPlayKvState.Layer own = own(x, positions, kv);
    try (Workspace.Frame frame = outer.inner()) {
      projections.keysAndValuesInto(LinearInput.of(x, frame), own.keys(), own.values());
      rope.run(own.keys(), positions.rotary(), own.rotatedKeys());
    }
  }

  /** The part of the window that belongs to the frames of this pass. */
  private static WorldPlayKvState.Layer own(
      Tensor x, WorldPlayPositions positions, WorldPlayKvState.Layer kv) {
    int first = positions.firstToken();
    return kv.slice(first, first + x.size(0));
  }

  /**
   * Writes keys and values of some frames into the window, and attends to all of it.
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
    WorldPlayKvState.Layer window = kv.slice(0, positions.firstToken() + x.size(0));
    WorldPlayKvState.Layer own = own(x, positions, kv);
    double scale = projections.scale();
    try (Workspace.Frame frame = outer.inner()) {
      Tensor q = projections.byHead(frame.like(x));
      projections.allInto(LinearInput.of(x, frame), q, own.keys(), own.values());
      rope.run(own.keys(), positions.rotary(), own.rotatedKeys());
      trace.tap("q", q);
      Tensor attended = frame.like(q);
      Cameras cameras = new Cameras(positions.imageFromWorld(), positions.worldFromImage(), 0);
      propeAttention.run(q, window.keys(), window.values(), cameras, scale, attended, frame);
      trace.tap("prope_attn", attended);
      propeOutput.addTo(residual, gate, projections.flat(attended), frame);
      rope.run(q, positions.rotary(), q);
      attention.run(q, window.rotatedKeys(), window.values(), scale, attended, frame);
      trace.tap("rope_attn", attended);
      projections.addTo(residual, gate, attended, frame);
    }
  }
}
