// What products by TMA and wgmma share, whatever they multiply: see MatmulHopper.cu.
//
// A block has three warp groups. One thread of the last (the producer) starts copies of slices of x
// and weight into a ring in shared memory; the first two (the consumers) multiply 64 rows of the tile
// each, with sums in registers. Two barriers for each slot of the ring tell consumers that it is full
// and the producer that it is empty:
//
//   slot: x [128][128 bytes], weight [kTileN][128 bytes], with the 128-byte swizzle
//
// Blocks are as many as multiprocessors and walk over the tiles, those of the same columns one
// after the other. While consumers store a tile, the producer fills the ring for the next one.
// Copies outside a matrix give zeros, which add nothing.
#pragma once

#include "hopper.cuh"
#include "matmul_epilogue.cuh"

constexpr int kTileM = 128;
// Rows that one wgmma multiplies.
constexpr int kGroupM = 64;
// A row of a slot, as wide as the swizzle, and what one wgmma reads of it.
constexpr int kRowBytes = 128;
constexpr int kStepBytes = 32;

constexpr int kConsumers = kTileM / kGroupM;
constexpr int kConsumerWarps = 4 * kConsumers;
constexpr int kThreads = 128 * (kConsumers + 1);
// Registers of a thread: 168 at launch; the producer needs few, consumers hold 64 x kTileN sums in
// 128 threads.
constexpr int kProducerRegisters = 40;
constexpr int kConsumerRegisters = 232;

// Sums are stored in columns of this width, staged warp by warp.
constexpr int kStagedColumns = 64;
constexpr int kStagedRows = 16;
constexpr int kStagingFloats = kStagedRows * kStagedColumns;

template <int kColumns, int kRing>
struct Tile {
  static constexpr int kTileN = kColumns;
  static constexpr int kStages = kRing;
  static constexpr int kSlotBytes = (kTileM + kTileN) * kRowBytes;
  static constexpr int kStaging = kStages * kSlotBytes;
  static constexpr int kBarriers = kStaging + kConsumerWarps * kStagingFloats * 4;
  static constexpr int kSums = kGroupM * kTileN / 128;
};

// The ring as producer and consumers see it: the same slices in the same order.
template <typename Shape>
struct Ring {
  uint32_t shared;
  int slot = 0;
  int phase = 0;

  DEV uint32_t x() const { return shared + slot * Shape::kSlotBytes; }
  DEV uint32_t weight() const { return x() + kTileM * kRowBytes; }
  DEV uint32_t full() const { return shared + Shape::kBarriers + 8 * slot; }
  DEV uint32_t empty() const { return full() + 8 * Shape::kStages; }

  DEV void advance() {
    slot++;
    if (slot == Shape::kStages) {
      slot = 0;
      phase ^= 1;
    }
  }
};

// The tiles that a block computes.
struct Tiles {
  int along_rows;
  int count;

  DEV int first_row(int tile) const { return tile % along_rows * kTileM; }
  DEV int column_tile(int tile) const { return tile / along_rows; }
};

// Copies all slices of all tiles of a block, of kDepth elements along K each.
template <typename Shape, int kDepth>
DEV void produce(const CUtensorMap &x, const CUtensorMap &weight, Ring<Shape> ring, Tiles tiles,
                 int slices) {
  for (int tile = blockIdx.x; tile < tiles.count; tile += gridDim.x) {
    for (int slice = 0; slice < slices; slice++) {
      // The phase before the first one counts as over: empty slots need not be waited for.
      mbar_wait(ring.empty(), ring.phase ^ 1);
      mbar_expect_tx(ring.full(), Shape::kSlotBytes);
      tma_load_2d(ring.x(), &x, slice * kDepth, tiles.first_row(tile), ring.full());
      tma_load_2d(ring.weight(), &weight, slice * kDepth,
                  tiles.column_tile(tile) * Shape::kTileN, ring.full());
      ring.advance();
    }
  }
}

// Says that the calling warp has read a slot.
DEV void release(uint32_t empty) {
  if (threadIdx.x % 32 == 0) {
    mbar_arrive(empty);
  }
}

// Stores the sums of a warp: 16 rows from first_row on.
template <typename Shape, typename Epilogue>
DEV void store(const float (&sums)[Shape::kSums], float *staging, int first_row, int first_column,
               int rows, int columns, const Epilogue &epilogue, bool vectors) {
  const int lane = threadIdx.x % 32;
  const float scales[2] = {epilogue.row_scale(first_row + lane / 4, rows),
                           epilogue.row_scale(first_row + lane / 4 + 8, rows)};
#pragma unroll
  for (int group = 0; group < Shape::kTileN / kStagedColumns; group++) {
    StagedStore<kStagedRows, kStagedColumns, Epilogue> finish(
        epilogue, first_row, first_column + group * kStagedColumns, rows, columns, vectors);
#pragma unroll
    for (int i = 0; i < kStagedColumns / 2; i += 2) {
      const int half = i / 2 % 2;
      const int row = half * 8 + lane / 4;
      const int column = i / 4 * 8 + lane % 4 * 2;
      const int sum = group * kStagedColumns / 2 + i;
      *reinterpret_cast<float2 *>(staging + staged<kStagedColumns>(row, column)) =
          make_float2(epilogue.scaled(sums[sum], scales[half]),
                      epilogue.scaled(sums[sum + 1], scales[half]));
    }
    __syncwarp();
    finish.store(staging);
    __syncwarp();  // before the stage is written again
  }
}

// Computes the tiles of a block from slices of kDepth elements along K. multiply(ring, group, slices,
// sums) takes the sums of 64 rows of a tile, from row `group` * 64 of the slots on.
template <typename Shape, int kDepth, typename Multiply, typename Epilogue>
DEV void matmul_tiles(const CUtensorMap &x, const CUtensorMap &weight, int rows, int columns,
                      int depth, Multiply multiply, const Epilogue &epilogue) {
  DYN_SMEM(unsigned char, shared);
  Ring<Shape> ring{smem_u32(shared)};
  const int slices = (depth + kDepth - 1) / kDepth;
  const int along_rows = (rows + kTileM - 1) / kTileM;
  const int along_columns = (columns + Shape::kTileN - 1) / Shape::kTileN;
  const Tiles tiles{along_rows, along_rows * along_columns};

  if (threadIdx.x == 0) {
    for (Ring<Shape> each = ring; each.phase == 0; each.advance()) {
      mbar_init(each.full(), 1);
      mbar_init(each.empty(), kConsumerWarps);
    }
  }
  __syncthreads();

  const int group = threadIdx.x / 128;
  if (group == kConsumers) {
    registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 128 * kConsumers) {
      produce<Shape, kDepth>(x, weight, ring, tiles, slices);
    }
    return;
  }
  registers_increase<kConsumerRegisters>();
  const int warp = threadIdx.x / 32;
  float *staging = reinterpret_cast<float *>(shared + Shape::kStaging) + warp * kStagingFloats;
  const bool vectors = epilogue.vectors(columns);
  for (int tile = blockIdx.x; tile < tiles.count; tile += gridDim.x) {
    float sums[Shape::kSums];
    multiply(ring, group, slices, sums);
    store<Shape>(sums, staging, tiles.first_row(tile) + warp * kStagedRows,
                 tiles.column_tile(tile) * Shape::kTileN, rows, columns, epilogue, vectors);
  }
}
