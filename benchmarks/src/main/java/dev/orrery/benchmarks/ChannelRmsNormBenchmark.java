package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link ChannelRmsNorm} of the pixels of four frames, by itself and with an activation. */
public class ChannelRmsNormBenchmark extends MemoryBoundBenchmark {
  /** P x C. */
  @Param("225280x96")
  public String size;

  /** What follows the norm. */
  @Param({"NONE", "SILU"})
  public Activation activation;

  private ChannelRmsNorm channelRmsNorm;
  private Tensor x;
  private Tensor gamma;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    channelRmsNorm = kernel(ChannelRmsNorm.class);
    x = normal(extents);
    gamma = normal(extents[1]);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("P x C", size) + ", " + activation;
  }

  @Override
  public double bytes() {
    return 2 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    channelRmsNorm.run(x, gamma, activation, out);
    return out;
  }
}
