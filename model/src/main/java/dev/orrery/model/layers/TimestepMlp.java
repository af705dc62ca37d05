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
  private final Linear first;
  private final Linear second;
  private final TimestepEmbedding sinusoid;

  /**
   * @param p parameters of both layers, beside fp32 activations
   * @param first name of the first layer
   * @param second name of the second layer
   * @param freqDim channels of the sinusoid
   * @param dim channels of the vector
   */
  public TimestepMlp(Parameters p, String first, String second, int freqDim, int dim) {
    this.freqDim = freqDim;
    this.first = Linear.of(p.at(first), freqDim, dim);
    this.second = Linear.of(p.at(second), dim, dim);
    sinusoid = p.kernel(TimestepEmbedding.class);
  }

  /** {@code numbers [F]} to {@code out [F, C]}, both fp32. */
  public void forward(Tensor numbers, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor waves = frame.empty(DType.F32, numbers.size(0), freqDim);
      sinusoid.run(numbers, waves);
      Tensor hidden = frame.empty(DType.F32, out.shape().extents());
      first.forward(LinearInput.of(waves, frame), Activation.SILU, hidden);
      second.forward(LinearInput.of(hidden, frame), out);
    }
  }
}
