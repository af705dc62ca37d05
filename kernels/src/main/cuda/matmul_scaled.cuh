// The functions of products of quantised rows, both operands one byte an element; see MatmulFp8 and
// MatmulInt8. ScaledMatmulLauncher launches them.
#pragma once

#include "matmul_simt.cuh"
#include "matmul_tile.cuh"

// Tiles for tensor cores: that of a warp is as square as can be, which takes the fewest loads from
// shared memory.
using Large = Tile<128, 128, 2, 2, 4>;
using Small = Tile<64, 64, 2, 2, 6>;

#define SCALED_MATMUL(name, Element, suffix, T, threads, compute)                              \
  extern "C" __global__ void __launch_bounds__(threads) name##_##suffix(                       \
      const Element *x, const float *x_scales, const Element *weight,                          \
      const float *weight_scales, const float *bias, T *out, int rows, int columns, int depth, \
      int activation) {                                                                        \
    compute(x, weight, rows, columns, depth,                                                   \
            Scaled<Activated<T>>{x_scales, weight_scales, {out, bias, activation}});           \
  }                                                                                            \
  KERNEL_EXPORT(name##_##suffix)                                                               \
  extern "C" __global__ void __launch_bounds__(threads) name##_residual_##suffix(              \
      const Element *x, const float *x_scales, const Element *weight,                          \
      const float *weight_scales, const float *bias, T *residual, int rows, int columns,       \
      int depth, const float *gate, int rows_per_frame) {                                      \
    compute(x, weight, rows, columns, depth,                                                   \
            Scaled<AddedGated<T>>{                                                             \
                x_scales, weight_scales, {residual, bias, gate, rows_per_frame}});             \
  }                                                                                            \
  KERNEL_EXPORT(name##_residual_##suffix)

#define SCALED_MATMUL_TO(name, Element, type, T)                                          \
  SCALED_MATMUL(name, Element, type##_128x128, T, Large::kThreads, matmul_tile<Large>)    \
  SCALED_MATMUL(name, Element, type##_64x64, T, Small::kThreads, matmul_tile<Small>)      \
  SCALED_MATMUL(name, Element, type##_8x8, T, kThreads, matmul_patch<ManyRows>)           \
  SCALED_MATMUL(name, Element, type##_4x2, T, kThreads, matmul_patch<FewRows>)

// Functions matmul_tile and matmul_patch of a source as kernels, named by the type of out.
#define SCALED_MATMULS(name, Element)         \
  SCALED_MATMUL_TO(name, Element, f32, float) \
  SCALED_MATMUL_TO(name, Element, f16, half)  \
  SCALED_MATMUL_TO(name, Element, bf16, bf16)
