package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link PackedMatmulSimd}. */
public final class MatmulSimd extends CpuKernel implements Matmul {
  public MatmulSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    Epilogue epilogue = new Epilogue.Store(activation, out);
    new PackedMatmulSimd(
            MatmulOperandSimd.of(x), MatmulOperandSimd.of(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
