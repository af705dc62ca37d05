// MatmulInt4: x [M, K] times the transpose of a weight [N, K] of four bits, sums in fp32. K is a
// multiple of 32.
//
// 16-bit x on tensor cores, where x and the weight begin at multiples of 16 bytes. Weights stay
// packed as far as shared memory; each warp widens what it multiplies in registers:
//
//   slot: x [kTileM][kDepth]            ->  16 bytes a lane                            ->  mma.sync
//         packed [kTileN][kDepth / 2]   ->  4 bytes a lane  ->  times scale, rounded   ->  m16n8k16
//         scales [kTileN]
//
// mma.sync adds 16 products and does not care in which order: any 16 elements along K will do, if
// both operands have the same ones in the same places. So lane t of four takes elements 8t to 8t + 7
// of a slice, one word of packed weights and 16 bytes of x, and the first four of them go into the
// first of two steps. No lane needs what another one has loaded.
//
// Every sum is taken over K in these steps, slice by slice, by every tile: its bits depend on K alone.
// The rest is computed by warps with their lanes along K, as in MatmulSimt.cu.
#include "int4.cuh"
#include "matmul_simt.cuh"
#include "matmul_tile.cuh"

// Elements along K in a slot; groups of weights are multiples of it.
constexpr int kDepth = kRowBytes / 2;
constexpr int kPackedBytes = kDepth / 2;
constexpr int kSteps = 2;

// A weight is widened by every warp that multiplies it: two along M, where Matmul.cu has four. Shared
// memory is as large as the ring, 63 and 42 KB, or as the staged tile if that is larger, 64 KB.
using Large = Tile<128, 128, 2, 2, 6>;
using Small = Tile<64, 64, 2, 2, 8>;

// Where the parts of a slot begin, in bytes.
template <typename Shape>
struct Slot {
  static constexpr int kPacked = Shape::kTileM * kRowBytes;
  static constexpr int kScales = kPacked + Shape::kTileN * kPackedBytes;
  static constexpr int kBytes = kScales + Shape::kTileN * int(sizeof(float));
  static_assert(kBytes % kChunkBytes == 0, "slots begin where copies may");
};

// A weight [columns of out, depth].
struct Int4Weight {
  const uint8_t *packed;
  const float *scales;
  int group;
};

// Starts copying a slice of the rows of a weight that belong to a tile. What lies outside becomes
// zero.
template <typename Shape>
DEV void copy_weight(unsigned char *slot, const Int4Weight &weight, int first_column, int columns,
                     int k, int depth) {
  const int groups = depth / weight.group;
  const int group = k / weight.group;
#pragma unroll
  for (int i = threadIdx.x; i < Shape::kTileN; i += Shape::kThreads) {
    const bool present = first_column + i < columns;
    const size_t row = present ? first_column + i : 0;
    // Kept in L1: the next slice takes the other half of the 32 bytes that are read.
    cp_async16_cached(slot + Slot<Shape>::kPacked + i * kPackedBytes,
                      weight.packed + (row * depth + k) / 2, present);
    cp_async4(slot + Slot<Shape>::kScales + i * sizeof(float), weight.scales + row * groups + group,
              present);
  }
}

// Adds the product of a slot to the warp's sums.
template <typename Shape, typename T>
DEV void multiply(const unsigned char *slot, Sums<Shape> &sums) {
  const T *x = reinterpret_cast<const T *>(slot);
  const uint32_t *packed = reinterpret_cast<const uint32_t *>(slot + Slot<Shape>::kPacked);
  const float *scales = reinterpret_cast<const float *>(slot + Slot<Shape>::kScales);
  const int lane = threadIdx.x % 32;

  // All weights first: those of a warp's columns take fewer registers than x of its rows.
  uint32_t b[Shape::kWarpN / 8][2 * kSteps];
#pragma unroll
  for (int j = 0; j < Shape::kWarpN / 8; j++) {
    const int column = Shape::warp_column() + 8 * j + lane / 4;
    widen_int4<T>(packed[column * (kPackedBytes / 4) + lane % 4], scales[column], b[j]);
  }
#pragma unroll
  for (int i = 0; i < Shape::kWarpM / 16; i++) {
    uint32_t a[kSteps][4];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = Shape::warp_row() + 16 * i + 8 * half + lane / 4;
      const uint4 eight = *reinterpret_cast<const uint4 *>(chunk_at(x, row, lane % 4));
      a[0][half] = eight.x;
      a[0][half + 2] = eight.y;
      a[1][half] = eight.z;
      a[1][half + 2] = eight.w;
    }
#pragma unroll
    for (int step = 0; step < kSteps; step++) {
#pragma unroll
      for (int j = 0; j < Shape::kWarpN / 8; j++) {
        mma<T>(sums[i][j], a[step], b[j][2 * step], b[j][2 * step + 1]);
      }
    }
  }
}

template <typename Shape, typename T, typename Epilogue>
DEV void matmul_tile(const T *x, const Int4Weight &weight, int rows, int columns, int depth,
                     const Epilogue &epilogue) {
  DYN_SMEM(unsigned char, ring);
  const int first_row = blockIdx.x * Shape::kTileM;
  const int first_column = blockIdx.y * Shape::kTileN;
  const auto slot_of = [&](int slice) {
    return ring + slice % Shape::kStages * Slot<Shape>::kBytes;
  };
  Sums<Shape> sums = {};
  for_each_slice<Shape>(
      depth / kDepth,
      [&](int slice) {
        T *x_slot = reinterpret_cast<T *>(slot_of(slice));
        const int k = slice * kDepth;
        copy_rows<Shape::kTileM, Shape::kThreads>(x_slot, x, first_row, rows, k, depth);
        copy_weight<Shape>(slot_of(slice), weight, first_column, columns, k, depth);
      },
      [&](int slice) { multiply<Shape, T>(slot_of(slice), sums); });
  store_tile<Shape>(sums, ring, first_row, first_column, rows, columns, epilogue);
}

// Rows of four bits an element; the elements are rounded to X. Depth and groups are multiples of
// kLaneDepth.
template <typename X>
struct Int4Rows {
  Int4Weight weight;
  int depth;

  // No addresses: two for each row of a patch would take many registers.
  DEV int row(int index) const { return index; }

  DEV void load(int row, int k, float (&values)[kLaneDepth]) const {
    uint32_t bits = 0;
    float scale = 0;
    if (k < depth) {
      const uint8_t *from = weight.packed + (size_t(row) * depth + k) / 2;
      bits = from[0] | from[1] << 8;
      scale = weight.scales[size_t(row) * (depth / weight.group) + k / weight.group];
    }
#pragma unroll
    for (int i = 0; i < kLaneDepth; i++) {
      values[i] = to_float(from_float<X>(int4_value(bits >> 4 * i) * scale));
    }
  }
};

template <typename Shape, typename X, typename Epilogue>
DEV void matmul_patch(const X *x, const Int4Weight &weight, int rows, int columns, int depth,
                      const Epilogue &epilogue) {
  matmul<Shape>(PlainRows<X>(x, depth), Int4Rows<X>{weight, depth}, rows, columns, depth, epilogue);
}

#define MATMUL(suffix, T, threads, compute)                                                    \
  extern "C" __global__ void __launch_bounds__(threads) matmul_int4_##suffix(                  \
      const T *x, const uint8_t *packed, const float *scales, int group, const float *bias,    \
      T *out, int rows, int columns, int depth, int activation) {                              \
    compute(x, Int4Weight{packed, scales, group}, rows, columns, depth,                        \
            Activated<T>{out, bias, activation});                                              \
  }                                                                                            \
  KERNEL_EXPORT(matmul_int4_##suffix)                                                          \
  extern "C" __global__ void __launch_bounds__(threads) matmul_int4_residual_##suffix(         \
      const T *x, const uint8_t *packed, const float *scales, int group, const float *bias,    \
      T *residual, int rows, int columns, int depth, const float *gate, int rows_per_frame) {  \
    compute(x, Int4Weight{packed, scales, group}, rows, columns, depth,                        \
            AddedGated<T>{residual, bias, gate, rows_per_frame});                              \
  }                                                                                            \
  KERNEL_EXPORT(matmul_int4_residual_##suffix)

#define MATMUL_TILES(type, T)                                    \
  MATMUL(type##_128x128, T, Large::kThreads, matmul_tile<Large>) \
  MATMUL(type##_64x64, T, Small::kThreads, matmul_tile<Small>)

#define MATMUL_PATCHES(type, T)                         \
  MATMUL(type##_8x8, T, kThreads, matmul_patch<ManyRows>) \
  MATMUL(type##_4x2, T, kThreads, matmul_patch<FewRows>)

// Named by the type of x and out.
MATMUL_TILES(f16, half)
MATMUL_TILES(bf16, bf16)
MATMUL_PATCHES(f32, float)
MATMUL_PATCHES(f16, half)
MATMUL_PATCHES(bf16, bf16)
