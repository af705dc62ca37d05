package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulOperandSimd;
import dev.orrery.kernels.linear.PackedMatmulSimd;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Vector API: {@link PackedMatmulSimd} with operands that are widened as they are packed, because
 * Java 25 has no vector product of integers that is faster; see docs/kernels/MatmulInt8.md. Sums
 * over a block of K are exact, and each is multiplied by the scales.
 */
public final class MatmulInt8Simd extends CpuKernel implements MatmulInt8 {
  public MatmulInt8Simd(CpuThreads threads) {
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
