package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulOperandSimd;
import dev.orrery.kernels.linear.PackedMatmulSimd;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link PackedMatmulSimd} with weights that are widened as they are packed. */
public final class MatmulInt4Simd extends CpuKernel implements MatmulInt4 {
  public MatmulInt4Simd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue) {
    new PackedMatmulSimd(
            MatmulOperandSimd.of(x), new Int4OperandSimd(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
