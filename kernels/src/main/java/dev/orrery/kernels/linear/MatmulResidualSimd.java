package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link PackedMatmulSimd}, each block of which is gated and added to the residual. */
public final class MatmulResidualSimd implements MatmulResidual {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public MatmulResidualSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    Epilogue epilogue = new Epilogue.AddTo(gate, residual);
    new PackedMatmulSimd(
            MatmulOperandSimd.of(x), MatmulOperandSimd.of(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
