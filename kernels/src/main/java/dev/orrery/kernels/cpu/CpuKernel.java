package dev.orrery.kernels.cpu;

/** What the kernels of the CPU share: the threads that they compute with. */
public abstract class CpuKernel {
  protected final CpuThreads threads;

  protected CpuKernel(CpuThreads threads) {
    this.threads = threads;
  }
}
