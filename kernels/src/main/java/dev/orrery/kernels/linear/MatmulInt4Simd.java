package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link MatmulProduct} with weights that are widened as they are packed. */
public final class MatmulInt4Simd implements MatmulInt4 {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public MatmulInt4Simd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue) {
    new MatmulProduct(MatmulOperand.of(x), new Int4Operand(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
