package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Vector API: {@link MatmulProduct} with operands that are widened as they are packed. Every block
 * of K is multiplied by the scales.
 */
public final class MatmulFp8Simd implements MatmulFp8 {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public MatmulFp8Simd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    MatmulOperand tokens = MatmulOperand.of(x);
    MatmulOperand channels = MatmulOperand.of(weight);
    new MatmulProduct(tokens, channels, bias, epilogue, threads.count()).run(threads);
  }
}
