package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/**
 * The video stream of one block. Shift, scale and gate come from the timestep and action of each
 * latent frame.
 *
 * <pre>
 * x ─ LN, scale, shift ─ attention in two branches ─ (· gate + x)
 *   ─ LN, scale, shift ─ MLP, GELU tanh ─ (· gate + x)
 * </pre>
 */
final class VideoBlock {
  private final StreamLayers layers;
  private final VideoAttention attention;

  VideoBlock(Parameters p, WorldPlayHyTransformerConfig config) {
    layers = new StreamLayers(p, "img", config);
    attention = new VideoAttention(p, layers.projections(), config);
  }

  /** What a pass does with the memory of the remembered frames. */
  enum Use {
    /** Its frames see those that are remembered, and are none of them. */
    READS,
    /** Its frames become the remembered ones. */
    FILLS,
    /** The same, and what else the block would compute is not needed. */
    FILLS_ONLY
  }

  /**
   * One forward pass over some frames, in place.
   *
   * @param x tokens {@code [F * S, C]}, replaced
   * @param activated SiLU of what timesteps and actions say, {@code [F, C]}, fp32
   * @param text keys and values of the text
   * @param memory those of the remembered frames
   */
  void forward(
      Tensor x,
      Tensor activated,
      SeenFrames seen,
      KvCache.View text,
      KvCache.View memory,
      Use use,
      Workspace.Frame outer,
      Trace trace) {
    try (Workspace.Frame frame = outer.inner()) {
      List<ShiftScaleGate> modulation = layers.modulate(activated, frame);
      Tensor u = layers.norm().forward(x, modulation.getFirst(), frame);
      if (use != Use.READS) {
        attention.remember(u, memory, frame);
      }
      if (use == Use.FILLS_ONLY) {
        return;
      }
      Tensor gate = modulation.getFirst().gate();
      attention.addTo(x, gate, u, seen, text, memory, use == Use.FILLS, frame, trace);
      trace.tap("after_attn", x);

      layers.norm().into(x, modulation.getLast(), u);
      layers.mlp().addTo(x, modulation.getLast().gate(), u, frame);
      trace.tap("out", x);
    }
  }
}
