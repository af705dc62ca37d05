package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link PackedMatmulSimd}. */
public final class MatmulSimd implements Matmul {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public MatmulSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    Epilogue epilogue = new Epilogue.Store(activation, out);
    new PackedMatmulSimd(
            MatmulOperandSimd.of(x), MatmulOperandSimd.of(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
