package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link GroupNorm} of a picture in the stages of MAGVIT2: of 256 x 256, 128 x 128 and 16 x 16
 * positions, and in the first level of the U-Net of Vid2World of ten frames and of all of them as
 * one; in 32 groups and with SiLU.
 */
public class GroupNormBenchmark extends MemoryBoundBenchmark {
  private static final int GROUPS = 32;
  private static final double EPS = 1e-6;

  /** N x P x C. */
  @Param({"1x65536x128", "1x16384x128", "1x256x512", "10x2560x320", "1x25600x320"})
  public String size;

  /** The input is read twice. */
  public GroupNormBenchmark() {
    super("N x P x C", 11, 3 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    GroupNorm groupNorm = kernel(GroupNorm.class);
    Tensor x = normal(extents);
    Tensor weight = normal(extents[2]);
    Tensor bias = normal(extents[2]);
    Tensor out = empty(extents);
    return () -> groupNorm.run(x, GROUPS, weight, bias, EPS, Activation.SILU, out);
  }
}
