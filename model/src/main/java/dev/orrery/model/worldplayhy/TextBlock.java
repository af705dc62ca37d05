package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/**
 * The text stream of one block: the tokens of a prompt see each other and nothing else, without any
 * position.
 *
 * <pre>
 * x ─ LN, scale, shift ─ attention ─ (· gate + x)
 *             └ keys, values ─ memory
 *   ─ LN, scale, shift ─ MLP, GELU tanh ─ (· gate + x)
 * </pre>
 */
final class TextBlock {
  private final StreamLayers layers;
  private final Attention attention;

  TextBlock(Parameters p, WorldPlayHyTransformerConfig config) {
    layers = new StreamLayers(p, "txt", config);
    attention = p.kernel(Attention.class);
  }

  /**
   * One forward pass over a prompt, in place.
   *
   * @param x tokens {@code [T, C]}, replaced
   * @param activated SiLU of what the timestep says, {@code [1, C]}, fp32
   * @param memory gets keys and values, {@code [T, H, D]}
   * @param onlyRemember whether nobody needs x any more
   */
  void forward(
      Tensor x,
      Tensor activated,
      KvCache.View memory,
      boolean onlyRemember,
      Workspace workspace,
      Trace trace) {
    HeadProjections projections = layers.projections();
    try (Workspace.Frame frame = workspace.frame()) {
      List<ShiftScaleGate> modulation = layers.modulate(activated, frame);
      Tensor u = layers.norm().forward(x, modulation.getFirst(), frame);
      LinearInput input = LinearInput.of(u, frame);
      projections.keysAndValuesInto(input, memory.keys(), memory.values());
      if (onlyRemember) {
        return;
      }
      Tensor q = projections.queries(input);
      Tensor attended = frame.like(q);
      attention.run(q, memory.keys(), memory.values(), projections.scale(), attended);
      projections.addTo(x, modulation.getFirst().gate(), attended, frame);

      layers.norm().into(x, modulation.getLast(), u);
      layers.mlp().addTo(x, modulation.getLast().gate(), u, frame);
      trace.tap("out", x);
    }
  }
}
