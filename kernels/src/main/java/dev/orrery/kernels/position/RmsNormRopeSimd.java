package dev.orrery.kernels.position;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.norm.RmsNormSimd;

/**
 * Vector API: the two passes one after the other; on a CPU the second one costs little beside the
 * projection that came before.
 */
public final class RmsNormRopeSimd extends RmsNormThenRope {
  public RmsNormRopeSimd(CpuThreads threads) {
    super(new RmsNormSimd(threads), new RopeSimd(threads));
  }
}
