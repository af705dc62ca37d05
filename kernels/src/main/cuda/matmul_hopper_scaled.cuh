// The functions of products of quantised rows by TMA and wgmma; see MatmulFp8Hopper.cu and
// MatmulInt8Hopper.cu. ScaledMatmulHopperLauncher launches them.
#pragma once

#include "matmul_hopper.cuh"

// A function compute(x, weight, rows, columns, depth, epilogue) as kernels, named by the type of out
// and the tile.
#define SCALED_MATMUL_HOPPER(name, suffix, T, compute)                                         \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) name##_hopper_##suffix(            \
      const __grid_constant__ CUtensorMap x, const float *x_scales,                            \
      const __grid_constant__ CUtensorMap weight, const float *weight_scales,                  \
      const float *bias, T *out, int rows, int columns, int depth, int activation) {           \
    compute(x, weight, rows, columns, depth,                                                   \
            Scaled<Activated<T>>{x_scales, weight_scales, {out, bias, activation}});           \
  }                                                                                            \
  KERNEL_EXPORT(name##_hopper_##suffix)                                                        \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) name##_residual_hopper_##suffix(   \
      const __grid_constant__ CUtensorMap x, const float *x_scales,                            \
      const __grid_constant__ CUtensorMap weight, const float *weight_scales,                  \
      const float *bias, T *residual, int rows, int columns, int depth, const float *gate,     \
      int rows_per_frame) {                                                                    \
    compute(x, weight, rows, columns, depth,                                                   \
            Scaled<AddedGated<T>>{                                                             \
                x_scales, weight_scales, {residual, bias, gate, rows_per_frame}});             \
  }                                                                                            \
  KERNEL_EXPORT(name##_residual_hopper_##suffix)
