// MatmulInt8 for Hopper: the products of MatmulInt8.cu on tensor cores by TMA and wgmma.
//
// The work of a block is that of matmul_hopper.cuh. A slice is 128 deep, 4 wgmma of depth 32, as many
// bytes as 64 of bf16: copies, tiles and cycles of a slice are those of MatmulHopper.cu, for twice the
// products. Sums in int32 are exact, whatever their order, so they run on in one set of registers.
#include "matmul_hopper_scaled.cuh"

template <typename Shape, typename Layers>
DEV void matmul_int8(const CUtensorMap &x, const Layers &layers, int rows, int columns, int depth) {
  matmul<int8_t, Shape>(x, layers, rows, columns, depth);
}

#define MATMULS(type, T)                                                       \
  SCALED_MATMUL_HOPPER(matmul_int8, type##_128x256, T, matmul_int8<Wide>)      \
  SCALED_MATMUL_HOPPER(matmul_int8, type##_128x192, T, matmul_int8<Middle>)    \
  SCALED_MATMUL_HOPPER(matmul_int8, type##_128x128, T, matmul_int8<Narrow>)

MATMULS(f32, float)
MATMULS(f16, half)
MATMULS(bf16, bf16)
SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x256_pair, bf16, matmul_int8<WidePair>, IN_PAIRS)
SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x192_pair, bf16, matmul_int8<MiddlePair>, IN_PAIRS)
SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x128_pair, bf16, matmul_int8<NarrowPair>, IN_PAIRS)

JOINT_SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x256, bf16, matmul_int8<Wide>)
JOINT_SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x192, bf16, matmul_int8<Middle>)
JOINT_SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x128, bf16, matmul_int8<Narrow>)
JOINT_SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x256_pair, bf16, matmul_int8<WidePair>, IN_PAIRS)
JOINT_SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x192_pair, bf16, matmul_int8<MiddlePair>, IN_PAIRS)
JOINT_SCALED_MATMUL_HOPPER(matmul_int8, bf16_128x128_pair, bf16, matmul_int8<NarrowPair>, IN_PAIRS)
