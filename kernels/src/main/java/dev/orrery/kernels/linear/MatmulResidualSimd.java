package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link PackedMatmulSimd}, each block of which is gated and added to the residual. */
public final class MatmulResidualSimd extends CpuKernel implements MatmulResidual {
  public MatmulResidualSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    Epilogue epilogue = new Epilogue.AddTo(gate, residual);
    new PackedMatmulSimd(
            MatmulOperandSimd.of(x), MatmulOperandSimd.of(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
