package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/**
 * A number for each frame, such as its timestep, becomes a vector: sinusoid, Linear, SiLU, Linear.
 * All of it is fp32: timesteps are told apart by small differences of sines.
 */
public final class TimestepMlp {
  private final int freqDim;
  private final int dim;
  private final TimestepEmbedding sinusoid;
  private final FeedForward mlp;

  /**
   * @param p parameters of both layers, beside fp32 activations
   * @param first name of the first layer
   * @param second name of the second layer
   * @param freqDim channels of the sinusoid
   * @param dim channels of the vector
   */
  public TimestepMlp(Parameters p, String first, String second, int freqDim, int dim) {
    this.freqDim = freqDim;
    this.dim = dim;
    sinusoid = p.kernel(TimestepEmbedding.class);
    mlp = FeedForward.of(p.at(first), p.at(second), Activation.SILU, freqDim, dim, dim);
  }

  /** {@code numbers [F]} to {@code [F, C]}, both fp32. */
  public Tensor forward(Tensor numbers, Workspace.Frame frame) {
    Tensor out = frame.empty(DType.F32, numbers.size(0), dim);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor waves = inner.empty(DType.F32, numbers.size(0), freqDim);
      sinusoid.run(numbers, waves);
      mlp.into(waves, out, inner);
    }
    return out;
  }
}
