// Matmul and MatmulResidual on tensor cores of any generation: 16-bit x [M, K] times the transpose
// of weight [N, K], sums in fp32. K is a multiple of 8 and rows begin at multiples of 16 bytes;
// MatmulSimt.cu has the rest.
//
// A block computes a tile of out, a warp a part of it. The tiles of x and weight come in slices of
// kDepth along K, by asynchronous copies into a ring of kStages slots in shared memory:
//
//   slot: x [kTileM][kDepth], weight [kTileN][kDepth]  ->  ldmatrix  ->  mma.sync m16n8k16
//
// The grid is (tiles along M, tiles along N): blocks that run together share tiles of weight. Every
// sum is taken over K in steps of 16, in order, by every tile: its bits depend on K alone.
//
// Bound by arithmetic at M of some hundreds and more, by reading the weights below.
#include "matmul_tile.cuh"

// Large: the most arithmetic for a byte of shared memory that leaves room for two blocks.
using Large = Tile<128, 128, 4, 2, 4>;
// Small: more blocks, where large tiles would leave multiprocessors idle, and a longer ring, since
// such products wait for memory.
using Small = Tile<64, 64, 2, 2, 6>;

template <typename Shape, typename T, typename Epilogue>
DEV void matmul(const T *x, const T *weight, int rows, int columns, int depth,
                const Epilogue &epilogue) {
  DYN_SMEM(T, ring);
  const int first_row = blockIdx.x * Shape::kTileM;
  const int first_column = blockIdx.y * Shape::kTileN;
  Sums<Shape> sums = {};
  for_each_slice<Shape>(ring, x, weight, first_row, first_column, rows, columns, depth,
                        [&](T *x_slot, T *weight_slot) {
                          multiply_slots<Shape>(x_slot, weight_slot, sums);
                        });
  store_tile<Shape>(sums, ring, first_row, first_column, rows, columns, epilogue);
}

#define MATMUL(suffix, T, Shape)                                                               \
  extern "C" __global__ void __launch_bounds__(Shape::kThreads) matmul_##suffix(               \
      const T *x, const T *weight, const float *bias, T *out, int rows, int columns,           \
      int depth, int activation) {                                                             \
    matmul<Shape>(x, weight, rows, columns, depth, Activated<T>{out, bias, activation});       \
  }                                                                                            \
  KERNEL_EXPORT(matmul_##suffix)                                                               \
  extern "C" __global__ void __launch_bounds__(Shape::kThreads) matmul_residual_##suffix(      \
      const T *x, const T *weight, const float *bias, T *residual, int rows, int columns,      \
      int depth, const float *gate, int rows_per_frame) {                                      \
    matmul<Shape>(x, weight, rows, columns, depth,                                             \
                  AddedGated<T>{residual, bias, gate, rows_per_frame});                        \
  }                                                                                            \
  KERNEL_EXPORT(matmul_residual_##suffix)

MATMUL(bf16_128x128, bf16, Large)
MATMUL(f16_128x128, half, Large)
MATMUL(bf16_64x64, bf16, Small)
MATMUL(f16_64x64, half, Small)
