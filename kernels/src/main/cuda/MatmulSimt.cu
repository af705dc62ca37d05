// Matmul and MatmulResidual without tensor cores: fp32 activations beside weights of any type, and
// 16-bit products whose K or addresses Matmul.cu does not take.
#include "matmul_simt.cuh"

#define MATMUL(suffix, X, W, Shape)                                                            \
  extern "C" __global__ void __launch_bounds__(kThreads) matmul_simt_##suffix(                 \
      const X *x, const W *weight, const float *bias, X *out, int rows, int columns,           \
      int depth, int activation) {                                                             \
    matmul<Shape>(PlainRows<X>(x, depth), PlainRows<W>(weight, depth), rows, columns, depth,   \
                  Activated<X>{out, bias, activation});                                        \
  }                                                                                            \
  KERNEL_EXPORT(matmul_simt_##suffix)                                                          \
  extern "C" __global__ void __launch_bounds__(kThreads) matmul_residual_simt_##suffix(        \
      const X *x, const W *weight, const float *bias, X *residual, int rows, int columns,      \
      int depth, const float *gate, int rows_per_frame) {                                      \
    matmul<Shape>(PlainRows<X>(x, depth), PlainRows<W>(weight, depth), rows, columns, depth,   \
                  AddedGated<X>{residual, bias, gate, rows_per_frame});                        \
  }                                                                                            \
  KERNEL_EXPORT(matmul_residual_simt_##suffix)

#define MATMUL_PATCHES(suffix, X, W)        \
  MATMUL(suffix##_4x2, X, W, FewRows)       \
  MATMUL(suffix##_8x8, X, W, ManyRows)

// Named by the types of x and weight.
MATMUL_PATCHES(f32_f32, float, float)
MATMUL_PATCHES(f32_f16, float, half)
MATMUL_PATCHES(f32_bf16, float, bf16)
MATMUL_PATCHES(f16_f16, half, half)
MATMUL_PATCHES(bf16_bf16, bf16, bf16)
