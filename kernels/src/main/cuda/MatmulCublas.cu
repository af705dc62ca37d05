// What Matmul and MatmulResidual do with a product [rows, columns] of NVIDIA's library: bias and
// activation, or bias, gate and addition in place. A thread finishes eight columns of a row. Bound
// by bytes: a product is read, and a result written, once more than the kernels of Matmul do.
#include "matmul_epilogue.cuh"

constexpr int kThreads = 256;

template <typename T, typename Epilogue>
DEV void finish(const T *product, int rows, int columns, const Epilogue &epilogue) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int eights = (columns + kVector - 1) / kVector;
  const long long i = (long long)blockIdx.x * kThreads + threadIdx.x;
  const long long row = i / eights;
  if (row >= rows) {
    return;
  }
  const int column = int(i % eights) * kVector;
  const bool vectors = epilogue.vectors(columns) && is_aligned16(product);
  const EightColumns at{column, columns, vectors};
  typename Epilogue::Columns same;
  typename Epilogue::Row own;
  float sums[kVector];
  epilogue.load(at, same);
  epilogue.load(at, int(row), own);
  at.load(at.of_row(product, int(row)), sums);
  epilogue.store(sums, at, int(row), same, own);
}

#define FINISH(suffix, T)                                                                      \
  extern "C" __global__ void __launch_bounds__(kThreads) matmul_cublas_##suffix(               \
      const T *product, const float *bias, T *out, int rows, int columns, int activation) {    \
    finish(product, rows, columns, Activated<T>{out, bias, activation});                       \
  }                                                                                            \
  KERNEL_EXPORT(matmul_cublas_##suffix)                                                        \
  extern "C" __global__ void __launch_bounds__(kThreads) matmul_residual_cublas_##suffix(      \
      const T *product, const float *bias, T *residual, int rows, int columns,                 \
      const float *gate, int rows_per_frame) {                                                 \
    finish(product, rows, columns, AddedGated<T>{residual, bias, gate, rows_per_frame});       \
  }                                                                                            \
  KERNEL_EXPORT(matmul_residual_cublas_##suffix)

FINISH(bf16, bf16)
FINISH(f16, half)
