// Matmul and MatmulResidual for Hopper: the products of Matmul.cu by TMA and wgmma.
//
// The work of a block is that of matmul_hopper.cuh. A slice is 64 deep, 4 wgmma of depth 16. Every sum
// is taken over K in steps of 16, in order, by every tile: its bits depend on K alone.
//
// Bound by arithmetic at M of some hundreds and more, by reading the weights below.
#include "matmul_hopper.cuh"

constexpr int kDepth = kRowBytes / 2;

using Wide = Tile<256, 4>;
using Middle = Tile<192, 4>;
using Narrow = Tile<128, 6>;

// Sums of 64 rows of a tile, from row `group` * 64 of the slots on.
template <typename T, typename Shape>
DEV void multiply(Ring<Shape> &ring, int group, int slices, float (&sums)[Shape::kSums]) {
  uint32_t before = 0;
  for (int slice = 0; slice < slices; slice++) {
    mbar_wait(ring.full(), ring.phase);
    const uint32_t x = ring.x() + group * kGroupM * kRowBytes;
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < kRowBytes; k += kStepBytes) {
      wgmma<T, Shape::kTileN>(sums, descriptor_k_major(x + k),
                              descriptor_k_major(ring.weight() + k), slice > 0 || k > 0);
    }
    wgmma_commit();
    // The products of this slice run on; those of the slice before are done with their slot.
    wgmma_wait<1>();
    if (slice > 0) {
      release(before);
    }
    before = ring.empty();
    ring.advance();
  }
  wgmma_wait<0>();
  wgmma_hold(sums);
  release(before);
}

template <typename T, typename Shape, typename Epilogue>
DEV void matmul(const CUtensorMap &x, const CUtensorMap &weight, int rows, int columns, int depth,
                const Epilogue &epilogue) {
  const auto multiply_rows = [](Ring<Shape> &ring, int group, int slices,
                                float (&sums)[Shape::kSums]) {
    multiply<T>(ring, group, slices, sums);
  };
  matmul_tiles<Shape, kDepth>(x, weight, rows, columns, depth, multiply_rows, epilogue);
}

#define MATMUL(suffix, T, Shape)                                                               \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) matmul_hopper_##suffix(            \
      const __grid_constant__ CUtensorMap x, const __grid_constant__ CUtensorMap weight,       \
      const float *bias, T *out, int rows, int columns, int depth, int activation) {           \
    matmul<T, Shape>(x, weight, rows, columns, depth, Activated<T>{out, bias, activation});    \
  }                                                                                            \
  KERNEL_EXPORT(matmul_hopper_##suffix)                                                        \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) matmul_residual_hopper_##suffix(   \
      const __grid_constant__ CUtensorMap x, const __grid_constant__ CUtensorMap weight,       \
      const float *bias, T *residual, int rows, int columns, int depth, const float *gate,     \
      int rows_per_frame) {                                                                    \
    matmul<T, Shape>(x, weight, rows, columns, depth,                                          \
                     AddedGated<T>{residual, bias, gate, rows_per_frame});                     \
  }                                                                                            \
  KERNEL_EXPORT(matmul_residual_hopper_##suffix)

MATMUL(bf16_128x256, bf16, Wide)
MATMUL(f16_128x256, half, Wide)
MATMUL(bf16_128x192, bf16, Middle)
MATMUL(f16_128x192, half, Middle)
MATMUL(bf16_128x128, bf16, Narrow)
MATMUL(f16_128x128, half, Narrow)
