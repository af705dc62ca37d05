// The functions of products of quantised rows by TMA and wgmma; see MatmulFp8Hopper.cu and
// MatmulInt8Hopper.cu. ScaledMatmulHopperLauncher launches them.
#pragma once

#include "matmul_hopper.cuh"

// A function compute(x, layers, rows, columns, depth) as kernels, named by the type of out and the
// tile. The attributes are those of clusters, if the shape has any.
#define SCALED_MATMUL_HOPPER(name, suffix, T, compute, ...)                                    \
  extern "C" __global__ void __VA_ARGS__ __launch_bounds__(kThreads, 1)                        \
  name##_hopper_##suffix(                                                                      \
      const __grid_constant__ CUtensorMap x, const float *x_scales,                            \
      const __grid_constant__ CUtensorMap weight, const float *weight_scales,                  \
      const float *bias, T *out, int rows, int columns, int depth, int activation) {           \
    const OneLayer<Scaled<Activated<T>>> layer{                                                \
        {&weight, {x_scales, weight_scales, {out, bias, activation}}}};                        \
    compute(x, layer, rows, columns, depth);                                                   \
  }                                                                                            \
  KERNEL_EXPORT(name##_hopper_##suffix)                                                        \
  extern "C" __global__ void __VA_ARGS__ __launch_bounds__(kThreads, 1)                        \
  name##_residual_hopper_##suffix(                                                             \
      const __grid_constant__ CUtensorMap x, const float *x_scales,                            \
      const __grid_constant__ CUtensorMap weight, const float *weight_scales,                  \
      const float *bias, T *residual, int rows, int columns, int depth, const float *gate,     \
      int rows_per_frame) {                                                                    \
    const OneLayer<Scaled<AddedGated<T>>> layer{                                               \
        {&weight, {x_scales, weight_scales, {residual, bias, gate, rows_per_frame}}}};         \
    compute(x, layer, rows, columns, depth);                                                   \
  }                                                                                            \
  KERNEL_EXPORT(name##_residual_hopper_##suffix)

// The same for up to three layers of the same x and as many columns.
#define JOINT_SCALED_MATMUL_HOPPER(name, suffix, T, compute, ...)                              \
  extern "C" __global__ void __VA_ARGS__ __launch_bounds__(kThreads, 1)                        \
  name##_joint_hopper_##suffix(                                                                \
      const __grid_constant__ CUtensorMap x, const float *x_scales, int layers,                \
      const __grid_constant__ CUtensorMap weight0, const float *scales0, const float *bias0,   \
      T *out0, const __grid_constant__ CUtensorMap weight1, const float *scales1,              \
      const float *bias1, T *out1, const __grid_constant__ CUtensorMap weight2,                \
      const float *scales2, const float *bias2, T *out2, int rows, int columns, int depth) {   \
    const JointLayers<Scaled<Activated<T>>> joint{                                             \
        layers,                                                                                \
        {&weight0, {x_scales, scales0, {out0, bias0, kNone}}},                                 \
        {&weight1, {x_scales, scales1, {out1, bias1, kNone}}},                                 \
        {&weight2, {x_scales, scales2, {out2, bias2, kNone}}}};                                \
    compute(x, joint, rows, columns, depth);                                                   \
  }                                                                                            \
  KERNEL_EXPORT(name##_joint_hopper_##suffix)
