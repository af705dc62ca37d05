package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link ChannelRmsNorm} of the pixels of four frames, by itself and with an activation. */
public class ChannelRmsNormBenchmark extends MemoryBoundBenchmark {
  /** P x C. */
  @Param("225280x96")
  public String size;

  /** What follows the norm. */
  @Param({"NONE", "SILU"})
  public Activation activation;

  public ChannelRmsNormBenchmark() {
    super("P x C", 4, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", " + activation;
  }

  /** SiLU takes three more of each element. */
  @Override
  public double operations() {
    return super.operations() + (activation == Activation.SILU ? 3 * Sizes.values(size) : 0);
  }

  @Override
  Runnable call(int[] extents) {
    ChannelRmsNorm channelRmsNorm = kernel(ChannelRmsNorm.class);
    Tensor x = normal(extents);
    Tensor gamma = normal(extents[1]);
    Tensor out = empty(extents);
    return () -> channelRmsNorm.run(x, gamma, activation, out);
  }
}
