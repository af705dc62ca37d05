// MatmulFp8 for Hopper: the products of MatmulFp8.cu by TMA and wgmma, which takes e4m3 as it is.
//
// The work of a block is that of matmul_hopper.cuh. A slice is 128 deep, 4 wgmma of depth 32. The tensor
// cores of Hopper add products of fp8 in sums of some 14 bits, whatever the type of the result: over a
// K of thousands that would cost more than the roundings of a 16-bit result. So the sums of a slice
// begin at zero, and are added to the tile's in fp32, slice after slice: the bits of a sum depend on K
// alone. Results of fp32 are left to MatmulFp8.cu.
//
// A thread holds the sums of a slice beside those of the tile, so tiles are no wider than 192.
#include "matmul_hopper_scaled.cuh"

// What `multiply` does with sums that begin anew.
template <typename Shape>
DEV void multiply_anew(Ring<Shape> &ring, int group, int slices, float (&sums)[Shape::kSums]) {
#pragma unroll
  for (float &sum : sums) sum = 0.0f;
  for (int slice = 0; slice < slices; slice++) {
    float of_slice[Shape::kSums];
    mbar_wait(ring.full(), ring.phase);
    const uint32_t x = ring.x() + group * kGroupM * kRowBytes;
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < kRowBytes; k += kStepBytes) {
      wgmma<e4m3, Shape::kTileN>(of_slice, descriptor_k_major(x + k),
                                 descriptor_k_major(ring.weight() + k), k > 0);
    }
    wgmma_commit();
    wgmma_wait<0>();
    wgmma_hold(of_slice);
    release<Shape>(ring.empty());
    ring.advance();
#pragma unroll
    for (int i = 0; i < Shape::kSums; i++) sums[i] += of_slice[i];
  }
}

template <typename Shape, typename Layers>
DEV void matmul_fp8(const CUtensorMap &x, const Layers &layers, int rows, int columns, int depth) {
  const auto multiply_rows = [](Ring<Shape> &ring, int group, int slices,
                                float (&sums)[Shape::kSums]) {
    multiply_anew(ring, group, slices, sums);
  };
  matmul_tiles<e4m3, Shape>(x, layers, rows, columns, depth, multiply_rows);
}

#define MATMULS(type, T)                                                  \
  SCALED_MATMUL_HOPPER(matmul_fp8, type##_128x192, T, matmul_fp8<Middle>) \
  SCALED_MATMUL_HOPPER(matmul_fp8, type##_128x128, T, matmul_fp8<Narrow>)

MATMULS(f16, half)
MATMULS(bf16, bf16)
SCALED_MATMUL_HOPPER(matmul_fp8, bf16_128x192_pair, bf16, matmul_fp8<MiddlePair>, IN_PAIRS)
SCALED_MATMUL_HOPPER(matmul_fp8, bf16_128x128_pair, bf16, matmul_fp8<NarrowPair>, IN_PAIRS)

JOINT_SCALED_MATMUL_HOPPER(matmul_fp8, bf16_128x192, bf16, matmul_fp8<Middle>)
JOINT_SCALED_MATMUL_HOPPER(matmul_fp8, bf16_128x128, bf16, matmul_fp8<Narrow>)
JOINT_SCALED_MATMUL_HOPPER(matmul_fp8, bf16_128x192_pair, bf16, matmul_fp8<MiddlePair>, IN_PAIRS)
JOINT_SCALED_MATMUL_HOPPER(matmul_fp8, bf16_128x128_pair, bf16, matmul_fp8<NarrowPair>, IN_PAIRS)
