package dev.orrery.model.layers;

import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * The modulation vectors that a block or a head has learned, to which what the timestep of each
 * latent frame says is added.
 */
public final class ModulationTable {
  private final Tensor table;
  private final Modulation modulation;

  /**
   * A table from the weight {@code name [1, vectors, dim]}.
   *
   * @param vectors a shift, a scale and a gate for each layer, in this order; the last gate may be
   *     missing
   */
  public ModulationTable(Parameters p, String name, int vectors, int dim) {
    table = p.get(name, 1, vectors, dim).reshape(vectors, dim);
    modulation = p.kernel(Modulation.class);
  }

  /**
   * Shift, scale and gate of each layer.
   *
   * @param embedding {@code [vectors, F, C]}, or {@code [1, F, C]} for all vectors, fp32
   */
  public List<ShiftScaleGate> forward(Tensor embedding, Workspace.Frame frame) {
    int vectors = table.size(0);
    Tensor out = frame.empty(DType.F32, vectors, embedding.size(1), table.size(1));
    modulation.run(table, embedding, out);
    List<ShiftScaleGate> layers = new ArrayList<>();
    for (int shift = 0; shift < vectors; shift += 3) {
      Tensor gate = shift + 2 < vectors ? out.row(shift + 2) : null;
      layers.add(new ShiftScaleGate(out.row(shift), out.row(shift + 1), gate));
    }
    return layers;
  }
}
