package dev.orrery.model.layers;

import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

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
   * The vectors of each latent frame.
   *
   * @param embedding {@code [vectors, F, C]}, or {@code [1, F, C]} for all vectors, fp32
   */
  public Vectors forward(Tensor embedding, Workspace.Frame frame) {
    Tensor out = frame.empty(DType.F32, table.size(0), embedding.size(1), table.size(1));
    modulation.run(table, embedding, out);
    return new Vectors(out);
  }

  /**
   * Sums of a table and an embedding.
   *
   * @param rows {@code [vectors, F, C]}
   */
  public record Vectors(Tensor rows) {
    /** Those of a block's or a head's layer {@code index}. */
    public ShiftScaleGate layer(int index) {
      int shift = 3 * index;
      boolean gated = shift + 2 < rows.size(0);
      return new ShiftScaleGate(
          rows.row(shift), rows.row(shift + 1), gated ? rows.row(shift + 2) : null);
    }
  }
}
