package dev.orrery.kernels.position;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.norm.RmsNormCpu;

/** Reference: the norm, then the rotation of its result. */
public final class RmsNormRopeCpu extends RmsNormThenRope {
  public RmsNormRopeCpu(CpuThreads threads) {
    super(new RmsNormCpu(threads), new RopeCpu(threads));
  }
}
