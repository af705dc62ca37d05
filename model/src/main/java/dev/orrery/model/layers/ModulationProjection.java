package dev.orrery.model.layers;

import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * What the timesteps say to all blocks alike, from their embedding: SiLU, then a linear layer that
 * has several vectors of channels as its outputs. All of it is fp32.
 */
public final class ModulationProjection {
  private final Silu silu;
  private final List<Linear> projections = new ArrayList<>();

  /**
   * @param p parameters of the linear layer, beside fp32 activations
   * @param vectors how many vectors it computes
   */
  public ModulationProjection(Parameters p, int vectors, int dim) {
    silu = p.kernel(Silu.class);
    Linear all = Linear.of(p, dim, vectors * dim);
    for (int i = 0; i < vectors; i++) {
      projections.add(all.outputs(i * dim, (i + 1) * dim));
    }
  }

  /** {@code embedding [F, C]} to {@code [vectors, F, C]}, as a {@link ModulationTable} adds it. */
  public Tensor forward(Tensor embedding, Workspace.Frame frame) {
    Tensor out = frame.empty(DType.F32, projections.size(), embedding.size(0), embedding.size(1));
    try (Workspace.Frame inner = frame.inner()) {
      Tensor hidden = inner.like(embedding);
      silu.run(embedding, hidden);
      List<Tensor> vectors = new ArrayList<>();
      for (int i = 0; i < projections.size(); i++) {
        vectors.add(out.row(i));
      }
      into(LinearInput.of(hidden, inner), vectors);
    }
    return out;
  }

  /**
   * The same of an embedding that went through SiLU already, because other projections share it.
   *
   * @param activated {@code [F, C]}
   * @param vectors {@code [F, C]} each
   */
  public void into(LinearInput activated, List<Tensor> vectors) {
    for (int i = 0; i < projections.size(); i++) {
      projections.get(i).into(activated, vectors.get(i));
    }
  }
}
