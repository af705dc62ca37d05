package dev.orrery.kernels.position;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Sinusoidal embedding of timesteps: with {@code s_k = timestep * 10000^(-k / (D/2))}, row f is
 * {@code [cos(s_0) .. cos(s_{D/2-1}), sin(s_0) .. sin(s_{D/2-1})]}, cosines first, evaluated in
 * double precision.
 *
 * <p>Shapes: {@code timesteps [F]}, noise levels of 0 to 1000; {@code out [F, D]}, D even.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Wan 2.1 {@code sinusoidal_embedding_1d}.
 */
public interface TimestepEmbedding extends Kernel {
  default void run(Tensor timesteps, Tensor out) {
    Check.rank("timesteps", timesteps, DType.F32, 1);
    Check.rank("out", out, DType.F32, 2);
    Check.tensor("out", out, DType.F32, timesteps.size(0), out.size(1));
    Check.multiple("columns of out", out.size(1), "the two halves", 2);
    launch(timesteps, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor timesteps, Tensor out);
}
