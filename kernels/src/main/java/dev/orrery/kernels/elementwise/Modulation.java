package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Modulation vectors of a transformer block (adaptive layer norm): the learned table plus what the
 * timestep of each frame says, {@code out[n, f, c] = table[n, c] + embedding[n or 0, f, c]}.
 *
 * <p>Shapes: {@code table [N, C]} (a weight), {@code embedding [N, F, C]} or {@code [1, F, C]} when
 * all N vectors share it, {@code out [N, F, C]}.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Modulation extends Kernel {
  default void run(Tensor table, Tensor embedding, Tensor out) {
    Check.that(table.shape().rank() == 2, "table: expected rank 2, found " + table);
    int vectors = table.size(0);
    int channels = table.size(1);
    Check.weight("table", table, vectors, channels);
    Check.rank("embedding", embedding, DType.F32, 3);
    int frames = embedding.size(1);
    Check.tensor(
        "embedding", embedding, DType.F32, embedding.size(0) == 1 ? 1 : vectors, frames, channels);
    Check.tensor("out", out, DType.F32, vectors, frames, channels);
    launch(table, embedding, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor table, Tensor embedding, Tensor out);
}
