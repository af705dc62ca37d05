// What kernels that multiply with mma.sync share: tiles, the slots that asynchronous copies fill, and
// what becomes of a finished tile.
//
// A block computes a tile of out, a warp a part of it. The operands come in slices along K, of
// kRowBytes bytes of every row, into a ring of kStages slots in shared memory.
#pragma once

#include "matmul_epilogue.cuh"

// A row of a slot is four chunks of 16 bytes.
constexpr int kRowBytes = 64;
constexpr int kChunkBytes = 16;
constexpr int kChunks = kRowBytes / kChunkBytes;

template <int kM, int kN, int kWarpsM, int kWarpsN, int kRing>
struct Tile {
  static constexpr int kTileM = kM;
  static constexpr int kTileN = kN;
  static constexpr int kStages = kRing;
  static constexpr int kThreads = kWarpsM * kWarpsN * 32;
  static constexpr int kWarpM = kM / kWarpsM;
  static constexpr int kWarpN = kN / kWarpsN;
  // The finished tile is staged where the ring was.
  static constexpr int kStagingBytes = kM * kN * sizeof(float);

  // Where the part of the calling warp begins in the tile.
  static DEV int warp_row() { return threadIdx.x / 32 % kWarpsM * kWarpM; }
  static DEV int warp_column() { return threadIdx.x / 32 / kWarpsM * kWarpN; }
};

// The sums of a lane: those of mma.sync for every 16 rows and 8 columns of its warp's part.
template <typename Shape, typename Sum = float>
using Sums = Sum[Shape::kWarpM / 16][Shape::kWarpN / 8][4];

// The place of a chunk in rows of a slot. The eight rows that ldmatrix reads at once lie in
// different banks, because two rows fill all banks and the chunks change places every two rows.
template <typename T>
DEV T *chunk_at(T *rows, int row, int chunk) {
  constexpr int kChunk = kChunkBytes / sizeof(T);
  return rows + (row * kChunks + (chunk ^ (row / 2 % kChunks))) * kChunk;
}

// Starts copying kRows rows of a matrix [rows, depth] from (first_row, k) on. What lies outside
// becomes zero, which adds nothing to the sums. The threads of a block share the copies.
template <int kRows, int kThreads, typename T>
DEV void copy_rows(T *to, const T *matrix, int first_row, int rows, int k, int depth) {
  constexpr int kChunk = kChunkBytes / sizeof(T);
#pragma unroll
  for (int i = threadIdx.x; i < kRows * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int chunk = i % kChunks;
    const bool present = first_row + row < rows && k + chunk * kChunk < depth;
    const size_t from = present ? size_t(first_row + row) * depth + k + chunk * kChunk : 0;
    cp_async16(chunk_at(to, row, chunk), matrix + from, present);
  }
}

// Takes slices through the ring: copy(slice) starts copying one into its slot, and multiply(slice) is
// called for all, in order, when they are there. Waits for the kernel before this one first, and admits
// the next one at the end.
template <typename Shape, typename Copy, typename Multiply>
DEV void for_each_slice(int slices, Copy copy, Multiply multiply) {
  const auto copy_slice = [&](int slice) {
    if (slice < slices) copy(slice);
    // Also without copies: the waits count groups.
    cp_async_commit();
  };

  wait_for_previous_kernel();
  for (int slice = 0; slice < Shape::kStages - 1; slice++) {
    copy_slice(slice);
  }
  for (int slice = 0; slice < slices; slice++) {
    cp_async_wait<Shape::kStages - 2>();
    // The slice is there for all threads, and all are done with the slot that is filled next.
    __syncthreads();
    copy_slice(slice + Shape::kStages - 1);
    multiply(slice);
  }
  admit_next_kernel();
}

// Takes rows from first_row on of x [rows, depth], and from first_column on of weight [columns,
// depth], through the ring: calls multiply(x_slot, weight_slot) for every slice in the order of K.
template <typename Shape, typename T, typename Multiply>
DEV void for_each_slice(T *ring, const T *x, const T *weight, int first_row, int first_column,
                        int rows, int columns, int depth, Multiply multiply) {
  constexpr int kDepth = kRowBytes / sizeof(T);
  constexpr int kSlot = (Shape::kTileM + Shape::kTileN) * kDepth;
  static_assert(Shape::kStagingBytes <= Shape::kStages * kSlot * sizeof(T), "staging fits");
  const auto slot_of = [&](int slice) { return ring + slice % Shape::kStages * kSlot; };
  for_each_slice<Shape>(
      (depth + kDepth - 1) / kDepth,
      [&](int slice) {
        T *slot = slot_of(slice);
        const int k = slice * kDepth;
        copy_rows<Shape::kTileM, Shape::kThreads>(slot, x, first_row, rows, k, depth);
        copy_rows<Shape::kTileN, Shape::kThreads>(slot + Shape::kTileM * kDepth, weight,
                                                  first_column, columns, k, depth);
      },
      [&](int slice) {
        T *slot = slot_of(slice);
        multiply(slot, slot + Shape::kTileM * kDepth);
      });
}

// Adds the product of a slot of elements that mma.sync takes as they are to the warp's sums. A step is
// two chunks of a row, whatever the elements: 16 of them, or 32 of int8.
template <typename Shape, typename T, typename Sum>
DEV void multiply_slots(T *x, T *weight, Sums<Shape, Sum> &sums) {
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

// Lays the warp's sums out in rows, so that they are stored in long runs. Its part of the tile begins
// at first_row of out.
template <typename Shape, typename Epilogue>
DEV void stage(const Sums<Shape> &sums, float *staging, int first_row, int rows,
               const Epilogue &epilogue) {
  const int lane = threadIdx.x % 32;
  float scales[Shape::kWarpM / 8];
#pragma unroll
  for (int i = 0; i < Shape::kWarpM / 8; i++) {
    scales[i] = epilogue.row_scale(first_row + 8 * i + lane / 4, rows);
  }
#pragma unroll
  for (int i = 0; i < Shape::kWarpM / 16; i++) {
#pragma unroll
    for (int j = 0; j < Shape::kWarpN / 8; j++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int row = 16 * i + 8 * half + lane / 4;
        const int column = 8 * j + lane % 4 * 2;
        const float scale = scales[2 * i + half];
        float2 *to = reinterpret_cast<float2 *>(staging + staged<Shape::kWarpN>(row, column));
        *to = make_float2(epilogue.scaled(sums[i][j][2 * half], scale),
                          epilogue.scaled(sums[i][j][2 * half + 1], scale));
      }
    }
  }
}

// Stores the finished tile at (first_row, first_column) of out [rows, columns].
template <typename Shape, typename Epilogue>
DEV void store_tile(const Sums<Shape> &sums, void *ring, int first_row, int first_column, int rows,
                    int columns, const Epilogue &epilogue) {
  cp_async_wait<0>();
  __syncthreads();  // all are done with the ring

  const int warp = threadIdx.x / 32;
  float *staging = reinterpret_cast<float *>(ring) + warp * Shape::kWarpM * Shape::kWarpN;
  const int warp_row = first_row + Shape::warp_row();
  StagedStore<Shape::kWarpM, Shape::kWarpN, Epilogue> finish(
      epilogue, warp_row, first_column + Shape::warp_column(), rows, columns,
      epilogue.vectors(columns));
  stage<Shape>(sums, staging, warp_row, rows, epilogue);
  __syncwarp();
  finish.store(staging);
}
