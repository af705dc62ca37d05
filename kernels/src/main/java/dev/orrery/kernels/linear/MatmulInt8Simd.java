package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Vector API: {@link PackedMatmulSimd} with operands that are widened as they are packed, because
 * Java 25 has no vector product of integers that is faster; see docs/kernels/MatmulInt8.md. Sums
 * over a block of K are exact, and each is multiplied by the scales.
 */
public final class MatmulInt8Simd implements MatmulInt8 {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public MatmulInt8Simd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    MatmulOperandSimd tokens = MatmulOperandSimd.of(x);
    MatmulOperandSimd channels = MatmulOperandSimd.of(weight);
    new PackedMatmulSimd(tokens, channels, bias, epilogue, threads.count()).run(threads);
  }
}
