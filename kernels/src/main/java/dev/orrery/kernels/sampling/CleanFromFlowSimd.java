package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.ElementPass;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The same bits as the reference, from arrays and on all threads. The loop is plain: the compiler makes vectors of it, and
 * with the Vector API the widening to double would be the larger part of the code.
 */
public final class CleanFromFlowSimd implements CleanFromFlow {
  private final CpuThreads threads;

  public CleanFromFlowSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor noisy, Tensor flow, double sigma, Tensor out) {
    ElementPass.run(
        threads,
        noisy,
        flow,
        out,
        (values, flows, count) -> {
          for (int i = 0; i < count; i++) {
            values[i] = (float) (values[i] - sigma * flows[i]);
          }
        });
  }
}
