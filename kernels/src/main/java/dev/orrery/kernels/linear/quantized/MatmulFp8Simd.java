package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulOperandSimd;
import dev.orrery.kernels.linear.PackedMatmulSimd;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Vector API: {@link PackedMatmulSimd} with operands that are widened as they are packed. Every
 * block of K is multiplied by the scales.
 */
public final class MatmulFp8Simd extends CpuKernel implements MatmulFp8 {
  public MatmulFp8Simd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    MatmulOperandSimd tokens = MatmulOperandSimd.of(x.values(), FloatView.of(x.scales()));
    MatmulOperandSimd channels =
        MatmulOperandSimd.of(weight.values(), FloatView.of(weight.scales()));
    new PackedMatmulSimd(tokens, channels, bias, epilogue, threads.count()).run(threads);
  }
}
