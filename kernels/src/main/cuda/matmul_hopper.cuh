// What products by TMA and wgmma share, whatever they multiply: see MatmulHopper.cu.
//
// A block has three warp groups. One thread of the last (the producer) starts copies of slices of x
// and weight into a ring in shared memory; the first two (the consumers) multiply 64 rows of the tile
// each, with sums in registers. Two barriers for each slot of the ring tell consumers that it is full
// and the producer that it is empty:
//
//   slot: x [128][128 bytes], weight [kTileN][128 bytes], with the 128-byte swizzle
//
// Blocks are as many as multiprocessors and walk over the tiles, those of the same columns, or of the
// same columns of a stripe, one after the other. While consumers store a tile, the producer fills the ring for the next one.
// Copies outside a matrix give zeros, which add nothing.
//
// Blocks of a cluster of two compute tiles of the same columns, one below the other, at the same time.
// Each asks L2 for half of the weight's rows of a slice, which come to the slots of both (multicast):
// a full barrier counts the bytes of both halves, and an empty one is where the consumers of both
// blocks have to release a slot. Where the rows of tiles are odd in number, the last tile of some
// blocks lies outside of x and is stored nowhere; the other block needs its half of the weight.
//
// A launch computes one linear layer, or several of the same x and as many columns, the tiles of one
// behind those of the other: fewer rounds end with idle multiprocessors.
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

// Rows of tiles that are computed column by column where x has more bytes than Hopper's L2 cache:
// some 12 x 11 tiles at a time then read the fewest bytes.
constexpr int kStripe = 12;
constexpr int kL2Bytes = 50000000;

// Sums are stored in columns of this width, staged warp by warp.
constexpr int kStagedColumns = 64;
constexpr int kStagedRows = 16;
constexpr int kStagingFloats = kStagedRows * kStagedColumns;

// kCluster: blocks that share the weight of their tiles.
template <int kColumns, int kRing, int kCluster = 1>
struct Tile {
  static constexpr int kBlocks = kCluster;
  static constexpr int kTileN = kColumns;
  static constexpr int kStages = kRing;
  static constexpr int kSlotBytes = (kTileM + kTileN) * kRowBytes;
  static constexpr int kStaging = kStages * kSlotBytes;
  static constexpr int kBarriers = kStaging + kConsumerWarps * kStagingFloats * 4;
  static constexpr int kSums = kGroupM * kTileN / 128;
};

using Wide = Tile<256, 4>;
using Middle = Tile<192, 4>;
using Narrow = Tile<128, 6>;
using WidePair = Tile<Wide::kTileN, Wide::kStages, 2>;
using MiddlePair = Tile<Middle::kTileN, Middle::kStages, 2>;
using NarrowPair = Tile<Narrow::kTileN, Narrow::kStages, 2>;
// The attribute of their kernels.
#define IN_PAIRS __cluster_dims__(2, 1, 1)

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

// A linear layer: its weight, and what becomes of its sums.
template <typename Epilogue>
struct Layer {
  const CUtensorMap *weight;
  Epilogue epilogue;
};

// The layers of a launch that has one.
template <typename Epilogue>
struct OneLayer {
  Layer<Epilogue> layer;

  DEV int count() const { return 1; }
  DEV Layer<Epilogue> operator[](int) const { return layer; }
};

// The layers of a launch that has up to three.
template <typename Epilogue>
struct JointLayers {
  int present;
  Layer<Epilogue> first;
  Layer<Epilogue> second;
  Layer<Epilogue> third;

  DEV int count() const { return present; }
  DEV Layer<Epilogue> operator[](int i) const {
    Layer<Epilogue> layer = first;
    if (i == 1) layer = second;
    if (i == 2) layer = third;
    return layer;
  }
};

// The order of tiles: column by column within a stripe of rows, layer by layer, stripe by stripe. What
// is said of a tile goes for those of a cluster, which lie below each other.
struct Tiles {
  int along_rows;
  // Of a layer, and of all.
  int along_columns;
  int across;
  int stripe;

  struct Place {
    int row_tile;
    int layer;
    int column_tile;
  };

  // Where x does not stay in L2, the rows of a stripe do.
  DEV Tiles(int along_rows, int along_columns, int layers, size_t x_bytes, int blocks)
      : along_rows((along_rows + blocks - 1) / blocks),
        along_columns(along_columns),
        across(layers * along_columns),
        stripe(x_bytes > kL2Bytes ? kStripe / blocks : this->along_rows) {}

  DEV int count() const { return along_rows * across; }

  DEV Place place(int tile) const {
    const int first = tile / (stripe * across) * stripe;
    const int rows = min(stripe, along_rows - first);
    const int within = tile % (stripe * across);
    const int column_tile = within / rows;
    return {first + within % rows, column_tile / along_columns, column_tile % along_columns};
  }
};

// The tiles that a block computes: these, from the first on in steps.
template <typename Shape>
DEV int first_tile() {
  return blockIdx.x / Shape::kBlocks;
}
template <typename Shape>
DEV int tile_step() {
  return gridDim.x / Shape::kBlocks;
}
// The row of tiles that a block of a cluster has.
template <typename Shape>
DEV int row_tile(Tiles::Place place) {
  return place.row_tile * Shape::kBlocks + blockIdx.x % Shape::kBlocks;
}

// Waits until the consumers of all blocks have released a slot. The phase before the first one counts
// as over: empty slots need not be waited for.
template <typename Shape>
DEV void wait_until_empty(const Ring<Shape> &ring) {
  mbar_wait(ring.empty(), ring.phase ^ 1);
}

// Copies a slice of the weight's rows from `row` on, or the part of it that this block brings to all.
template <typename Shape>
DEV void load_weight(const CUtensorMap *weight, const Ring<Shape> &ring, int first_k, int row) {
  if constexpr (Shape::kBlocks == 1) {
    tma_load_2d(ring.weight(), weight, first_k, row, ring.full());
  } else {
    constexpr int kRows = Shape::kTileN / Shape::kBlocks;
    const int part = blockIdx.x % Shape::kBlocks * kRows;
    tma_multicast_2d(ring.weight() + part * kRowBytes, weight, first_k, row + part, ring.full(),
                     (1 << Shape::kBlocks) - 1);
  }
}

// Copies all slices of all tiles of a block, of kDepth elements along K each.
template <typename Shape, int kDepth, typename Layers>
DEV void produce(const CUtensorMap &x, const Layers &layers, Ring<Shape> ring, Tiles tiles,
                 int slices) {
  for (int tile = first_tile<Shape>(); tile < tiles.count(); tile += tile_step<Shape>()) {
    const Tiles::Place place = tiles.place(tile);
    const CUtensorMap *weight = layers[place.layer].weight;
    for (int slice = 0; slice < slices; slice++) {
      wait_until_empty(ring);
      mbar_expect_tx(ring.full(), Shape::kSlotBytes);
      tma_load_2d(ring.x(), &x, slice * kDepth, row_tile<Shape>(place) * kTileM, ring.full());
      load_weight(weight, ring, slice * kDepth, place.column_tile * Shape::kTileN);
      ring.advance();
    }
  }
  admit_next_kernel();
  if constexpr (Shape::kBlocks > 1) {
    // The barriers have to be there until the other block's consumers have arrived for the last time.
    for (int i = 0; i < Shape::kStages; i++, ring.advance()) wait_until_empty(ring);
  }
}

// Says that the calling warp has read a slot: to the producer of each block that writes into it.
template <typename Shape>
DEV void release(uint32_t empty) {
  if constexpr (Shape::kBlocks == 1) {
    if (threadIdx.x % 32 == 0) mbar_arrive(empty);
  } else {
    if (threadIdx.x % 32 < Shape::kBlocks) mbar_arrive_in(empty, threadIdx.x % 32);
  }
}

// Takes the sums of 64 rows of a tile, from row `group` * 64 of the slots on, over K in the steps of
// wgmma, in order.
template <typename T, typename Shape>
DEV void multiply(Ring<Shape> &ring, int group, int slices, SumOf<T> (&sums)[Shape::kSums]) {
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
      release<Shape>(before);
    }
    before = ring.empty();
    ring.advance();
  }
  wgmma_wait<0>();
  wgmma_hold(sums);
  release<Shape>(before);
}

// Stores the sums of a warp: 16 rows from first_row on.
template <typename Shape, typename Sum, typename Epilogue>
DEV void store(const Sum (&sums)[Shape::kSums], float *staging, int first_row, int first_column,
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
          make_float2(epilogue.scaled(float(sums[sum]), scales[half]),
                      epilogue.scaled(float(sums[sum + 1]), scales[half]));
    }
    __syncwarp();
    finish.store(staging);
    __syncwarp();  // before the stage is written again
  }
}

// Computes the tiles of a block, whose sums multiply_rows(ring, group, slices, sums) takes as
// `multiply` does. rows, columns, depth: of each layer.
template <typename T, typename Shape, typename Layers, typename Multiply>
DEV void matmul_tiles(const CUtensorMap &x, const Layers &layers, int rows, int columns, int depth,
                      Multiply multiply_rows) {
  constexpr int kDepth = kRowBytes / sizeof(T);
  DYN_SMEM(unsigned char, shared);
  Ring<Shape> ring{smem_u32(shared)};
  const int slices = (depth + kDepth - 1) / kDepth;
  const Tiles tiles((rows + kTileM - 1) / kTileM, (columns + Shape::kTileN - 1) / Shape::kTileN,
                    layers.count(), size_t(rows) * depth * sizeof(T), Shape::kBlocks);

  if (threadIdx.x == 0) {
    tma_prefetch(&x);
    for (int i = 0; i < layers.count(); i++) tma_prefetch(layers[i].weight);
    for (Ring<Shape> each = ring; each.phase == 0; each.advance()) {
      mbar_init(each.full(), 1);
      mbar_init(each.empty(), kConsumerWarps * Shape::kBlocks);
    }
  }
  if constexpr (Shape::kBlocks > 1) cluster_sync();
  wait_for_previous_kernel();
  if constexpr (Shape::kBlocks == 1) __syncthreads();

  const int group = threadIdx.x / 128;
  if (group == kConsumers) {
    registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 128 * kConsumers) {
      produce<Shape, kDepth>(x, layers, ring, tiles, slices);
    }
    return;
  }
  registers_increase<kConsumerRegisters>();
  const int warp = threadIdx.x / 32;
  float *staging = reinterpret_cast<float *>(shared + Shape::kStaging) + warp * kStagingFloats;
  // Asked once for all layers: within the loop the assembler of CUDA 12.0 spills for it.
  bool vectors = true;
  for (int i = 0; i < layers.count(); i++) vectors &= layers[i].epilogue.vectors(columns);
  for (int tile = first_tile<Shape>(); tile < tiles.count(); tile += tile_step<Shape>()) {
    const Tiles::Place place = tiles.place(tile);
    SumOf<T> sums[Shape::kSums];
    multiply_rows(ring, group, slices, sums);
    const auto epilogue = layers[place.layer].epilogue;
    store<Shape>(sums, staging, row_tile<Shape>(place) * kTileM + warp * kStagedRows,
                 place.column_tile * Shape::kTileN, rows, columns, epilogue, vectors);
  }
}

// Computes the tiles of a block whose sums run on from slice to slice.
template <typename T, typename Shape, typename Layers>
DEV void matmul(const CUtensorMap &x, const Layers &layers, int rows, int columns, int depth) {
  const auto multiply_rows = [](Ring<Shape> &ring, int group, int slices,
                                SumOf<T> (&sums)[Shape::kSums]) {
    multiply<T>(ring, group, slices, sums);
  };
  matmul_tiles<T, Shape>(x, layers, rows, columns, depth, multiply_rows);
}
