// MatmulFp8 for Hopper: the products of MatmulFp8.cu by TMA and wgmma, which takes e4m3 as it is.
//
// The work of a block is that of matmul_hopper.cuh. A slice is 128 deep, 4 wgmma of depth 32. The tensor
// cores of Hopper add products of fp8 in sums of some 14 bits, whatever the type of the result: over a
// K of thousands that would cost more than the roundings of a 16-bit result. So the sums of a slice
// begin at zero, and are added to the tile's in fp32, slice after slice: the bits of a sum depend on K
// alone. Results of fp32 are left to MatmulFp8.cu.
//
// A thread holds the sums of a slice beside those of the tile, so tiles are no wider than 128.
#include "matmul_hopper.cuh"

constexpr int kDepth = kRowBytes;

using Narrow = Tile<128, 6>;

// Sums of 64 rows of a tile, from row `group` * 64 of the slots on.
DEV void multiply(Ring<Narrow> &ring, int group, int slices, float (&sums)[Narrow::kSums]) {
#pragma unroll
  for (float &sum : sums) sum = 0.0f;
  for (int slice = 0; slice < slices; slice++) {
    float of_slice[Narrow::kSums];
    mbar_wait(ring.full(), ring.phase);
    const uint32_t x = ring.x() + group * kGroupM * kRowBytes;
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < kRowBytes; k += kStepBytes) {
      wgmma<e4m3, Narrow::kTileN>(of_slice, descriptor_k_major(x + k),
                                  descriptor_k_major(ring.weight() + k), k > 0);
    }
    wgmma_commit();
    wgmma_wait<0>();
    wgmma_hold(of_slice);
    release(ring.empty());
    ring.advance();
#pragma unroll
    for (int i = 0; i < Narrow::kSums; i++) sums[i] += of_slice[i];
  }
}

template <typename Epilogue>
DEV void matmul(const CUtensorMap &x, const CUtensorMap &weight, int rows, int columns, int depth,
                const Epilogue &epilogue) {
  const auto multiply_rows = [](Ring<Narrow> &ring, int group, int slices,
                                float (&sums)[Narrow::kSums]) {
    multiply(ring, group, slices, sums);
  };
  matmul_tiles<Narrow, kDepth>(x, weight, rows, columns, depth, multiply_rows, epilogue);
}

#define MATMUL(suffix, T)                                                                      \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) matmul_fp8_hopper_##suffix(        \
      const __grid_constant__ CUtensorMap x, const float *x_scales,                            \
      const __grid_constant__ CUtensorMap weight, const float *weight_scales,                  \
      const float *bias, T *out, int rows, int columns, int depth, int activation) {           \
    matmul(x, weight, rows, columns, depth,                                                    \
           Scaled<Activated<T>>{x_scales, weight_scales, {out, bias, activation}});            \
  }                                                                                            \
  KERNEL_EXPORT(matmul_fp8_hopper_##suffix)                                                    \
  extern "C" __global__ void __launch_bounds__(kThreads, 1)                                    \
      matmul_fp8_residual_hopper_##suffix(                                                     \
          const __grid_constant__ CUtensorMap x, const float *x_scales,                        \
          const __grid_constant__ CUtensorMap weight, const float *weight_scales,              \
          const float *bias, T *residual, int rows, int columns, int depth, const float *gate, \
          int rows_per_frame) {                                                                \
    matmul(x, weight, rows, columns, depth,                                                    \
           Scaled<AddedGated<T>>{                                                              \
               x_scales, weight_scales, {residual, bias, gate, rows_per_frame}});              \
  }                                                                                            \
  KERNEL_EXPORT(matmul_fp8_residual_hopper_##suffix)

// Named by the type of out.
MATMUL(f16, half)
MATMUL(bf16, bf16)
