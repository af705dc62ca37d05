package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** Vector API: {@link PackedMatmulSimd} with weights that are widened as they are packed. */
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
    new PackedMatmulSimd(
            MatmulOperandSimd.of(x), new Int4OperandSimd(weight), bias, epilogue, threads.count())
        .run(threads);
  }
}
