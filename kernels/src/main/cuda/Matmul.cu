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
#include "matmul_epilogue.cuh"

// Elements along K in a slot: a row of a slot is four chunks of 16 bytes.
constexpr int kDepth = 32;
constexpr int kChunk = 8;
constexpr int kChunks = kDepth / kChunk;

template <int kM, int kN, int kWarpsM, int kWarpsN, int kRing>
struct Tile {
  static constexpr int kTileM = kM;
  static constexpr int kTileN = kN;
  static constexpr int kStages = kRing;
  static constexpr int kThreads = kWarpsM * kWarpsN * 32;
  static constexpr int kWarpM = kM / kWarpsM;
  static constexpr int kWarpN = kN / kWarpsN;
  static constexpr int kSlot = (kM + kN) * kDepth;
  static constexpr int kSharedBytes = kStages * kSlot * 2;

  // Where the part of the calling warp begins in the tile.
  static DEV int warp_row() { return threadIdx.x / 32 % kWarpsM * kWarpM; }
  static DEV int warp_column() { return threadIdx.x / 32 / kWarpsM * kWarpN; }

  // The finished tile is staged where the ring was.
  static_assert(kM * kN * sizeof(float) <= kSharedBytes, "staging fits");
};

// Large: the most arithmetic for a byte of shared memory that leaves room for two blocks.
using Large = Tile<128, 128, 4, 2, 4>;
// Small: more blocks, where large tiles would leave multiprocessors idle, and a longer ring, since
// such products wait for memory.
using Small = Tile<64, 64, 2, 2, 6>;

// The place of a chunk in a slot. The eight rows that ldmatrix reads at once lie in different
// banks, because two rows fill all banks and the chunks change places every two rows.
template <typename T>
DEV T *chunk_at(T *slot, int row, int chunk) {
  return slot + row * kDepth + ((chunk ^ (row / 2 % kChunks)) * kChunk);
}

// Starts copying kRows rows of a matrix [rows, depth] from (first_row, k) on. What lies outside
// becomes zero, which adds nothing to the sums.
template <int kRows, int kThreads, typename T>
DEV void copy_rows(T *slot, const T *matrix, int first_row, int rows, int k, int depth) {
#pragma unroll
  for (int i = threadIdx.x; i < kRows * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int chunk = i % kChunks;
    const bool present = first_row + row < rows && k + chunk * kChunk < depth;
    const size_t from = present ? size_t(first_row + row) * depth + k + chunk * kChunk : 0;
    cp_async16(chunk_at(slot, row, chunk), matrix + from, present);
  }
}

// Adds the product of a slot to the warp's sums.
template <typename Shape, typename T>
DEV void multiply(T *x, T *weight, float (&sums)[Shape::kWarpM / 16][Shape::kWarpN / 8][4]) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int chunk = 0; chunk < kChunks; chunk += 2) {
    uint32_t a[Shape::kWarpM / 16][4];
    uint32_t b[Shape::kWarpN / 16][4];
#pragma unroll
    for (int i = 0; i < Shape::kWarpM / 16; i++) {
      const int row = Shape::warp_row() + 16 * i + lane % 16;
      ldmatrix_x4(a[i], chunk_at(x, row, chunk + lane / 16));
    }
#pragma unroll
    for (int j = 0; j < Shape::kWarpN / 16; j++) {
      const int row = Shape::warp_column() + 16 * j + lane / 16 * 8 + lane % 8;
      ldmatrix_x4(b[j], chunk_at(weight, row, chunk + lane / 8 % 2));
    }
#pragma unroll
    for (int i = 0; i < Shape::kWarpM / 16; i++) {
#pragma unroll
      for (int j = 0; j < Shape::kWarpN / 8; j++) {
        mma<T>(sums[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
      }
    }
  }
}

// Lays the warp's sums out in rows, so that they are stored in long runs.
template <typename Shape>
DEV void stage(const float (&sums)[Shape::kWarpM / 16][Shape::kWarpN / 8][4], float *staging) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int i = 0; i < Shape::kWarpM / 16; i++) {
#pragma unroll
    for (int j = 0; j < Shape::kWarpN / 8; j++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int row = 16 * i + 8 * half + lane / 4;
        const int column = 8 * j + lane % 4 * 2;
        float2 *to = reinterpret_cast<float2 *>(staging + staged<Shape::kWarpN>(row, column));
        *to = make_float2(sums[i][j][2 * half], sums[i][j][2 * half + 1]);
      }
    }
  }
}

template <typename Shape, typename T, typename Epilogue>
DEV void matmul(const T *x, const T *weight, int rows, int columns, int depth,
                const Epilogue &epilogue) {
  DYN_SMEM(T, ring);
  const int first_row = blockIdx.x * Shape::kTileM;
  const int first_column = blockIdx.y * Shape::kTileN;
  const int slices = (depth + kDepth - 1) / kDepth;

  const auto copy_slice = [&](int slice) {
    T *slot = ring + slice % Shape::kStages * Shape::kSlot;
    if (slice < slices) {
      copy_rows<Shape::kTileM, Shape::kThreads>(slot, x, first_row, rows, slice * kDepth, depth);
      copy_rows<Shape::kTileN, Shape::kThreads>(slot + Shape::kTileM * kDepth, weight,
                                                first_column, columns, slice * kDepth, depth);
    }
    // Also without copies: the waits count groups.
    cp_async_commit();
  };

  float sums[Shape::kWarpM / 16][Shape::kWarpN / 8][4] = {};
  for (int slice = 0; slice < Shape::kStages - 1; slice++) {
    copy_slice(slice);
  }
  for (int slice = 0; slice < slices; slice++) {
    cp_async_wait<Shape::kStages - 2>();
    // The slice is there for all threads, and all are done with the slot that is filled next.
    __syncthreads();
    copy_slice(slice + Shape::kStages - 1);
    T *slot = ring + slice % Shape::kStages * Shape::kSlot;
    multiply<Shape>(slot, slot + Shape::kTileM * kDepth, sums);
  }
  cp_async_wait<0>();
  __syncthreads();  // all are done with the ring

  const int warp = threadIdx.x / 32;
  float *staging = reinterpret_cast<float *>(ring) + warp * Shape::kWarpM * Shape::kWarpN;
  stage<Shape>(sums, staging);
  __syncwarp();
  store_staged<Shape::kWarpM, Shape::kWarpN>(
      staging, first_row + Shape::warp_row(), first_column + Shape::warp_column(), rows, columns,
      epilogue, epilogue.vectors(columns));
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
