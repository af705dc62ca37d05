// Matmul and MatmulResidual for Hopper: the products of Matmul.cu by TMA and wgmma.
//
// The work of a block is that of matmul_hopper.cuh. A slice is 64 deep, 4 wgmma of depth 16. Every sum
// is taken over K in steps of 16, in order, by every tile: its bits depend on K alone.
//
// Functions named _pair are for clusters of two blocks, which share the weight of their tiles.
//
// Bound by arithmetic at M of some hundreds and more, by reading the weights below.
#include "matmul_hopper.cuh"

// The attributes are those of clusters, if the shape has any.
#define MATMUL(suffix, T, Shape, ...)                                                          \
  extern "C" __global__ void __VA_ARGS__ __launch_bounds__(kThreads, 1)                        \
  matmul_hopper_##suffix(                                                                      \
      const __grid_constant__ CUtensorMap x, const __grid_constant__ CUtensorMap weight,       \
      const float *bias, T *out, int rows, int columns, int depth, int activation) {           \
    const OneLayer<Activated<T>> layer{{&weight, {out, bias, activation}}};                    \
    matmul<T, Shape>(x, layer, rows, columns, depth);                                          \
  }                                                                                            \
  KERNEL_EXPORT(matmul_hopper_##suffix)                                                        \
  extern "C" __global__ void __VA_ARGS__ __launch_bounds__(kThreads, 1)                        \
  matmul_residual_hopper_##suffix(                                                             \
      const __grid_constant__ CUtensorMap x, const __grid_constant__ CUtensorMap weight,       \
      const float *bias, T *residual, int rows, int columns, int depth, const float *gate,     \
      int rows_per_frame) {                                                                    \
    const OneLayer<AddedGated<T>> layer{{&weight, {residual, bias, gate, rows_per_frame}}};    \
    matmul<T, Shape>(x, layer, rows, columns, depth);                                          \
  }                                                                                            \
  KERNEL_EXPORT(matmul_residual_hopper_##suffix)

// Up to three layers of the same x and as many columns.
#define JOINT_MATMUL(suffix, T, Shape, ...)                                                    \
  extern "C" __global__ void __VA_ARGS__ __launch_bounds__(kThreads, 1)                        \
  matmul_joint_hopper_##suffix(                                                                \
      const __grid_constant__ CUtensorMap x, int layers,                                       \
      const __grid_constant__ CUtensorMap weight0, const float *bias0, T *out0,                \
      const __grid_constant__ CUtensorMap weight1, const float *bias1, T *out1,                \
      const __grid_constant__ CUtensorMap weight2, const float *bias2, T *out2, int rows,      \
      int columns, int depth) {                                                                \
    const JointLayers<Activated<T>> joint{layers,                                              \
                                          {&weight0, {out0, bias0, kNone}},                    \
                                          {&weight1, {out1, bias1, kNone}},                    \
                                          {&weight2, {out2, bias2, kNone}}};                   \
    matmul<T, Shape>(x, joint, rows, columns, depth);                                          \
  }                                                                                            \
  KERNEL_EXPORT(matmul_joint_hopper_##suffix)

MATMUL(bf16_128x256, bf16, Wide)
MATMUL(f16_128x256, half, Wide)
MATMUL(bf16_128x192, bf16, Middle)
MATMUL(f16_128x192, half, Middle)
MATMUL(bf16_128x128, bf16, Narrow)
MATMUL(f16_128x128, half, Narrow)
MATMUL(bf16_128x256_pair, bf16, WidePair, IN_PAIRS)
MATMUL(bf16_128x192_pair, bf16, MiddlePair, IN_PAIRS)
MATMUL(bf16_128x128_pair, bf16, NarrowPair, IN_PAIRS)

JOINT_MATMUL(bf16_128x256, bf16, Wide)
JOINT_MATMUL(bf16_128x192, bf16, Middle)
JOINT_MATMUL(bf16_128x128, bf16, Narrow)
JOINT_MATMUL(bf16_128x256_pair, bf16, WidePair, IN_PAIRS)
JOINT_MATMUL(bf16_128x192_pair, bf16, MiddlePair, IN_PAIRS)
JOINT_MATMUL(bf16_128x128_pair, bf16, NarrowPair, IN_PAIRS)
