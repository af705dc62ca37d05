// Attention on tensor cores, for head dims that are multiples of 8 and at most kDim, a positive
// scale and 16-byte aligned tensors. A block takes 128 queries of one head, two tiles of 16 for each
// warp, and walks through the keys in tiles; scores, weights and sums stay in registers. A fragment
// of keys or values is read from shared memory once for both tiles of queries. Keys and values come
// in parts of some columns, which are stages of a ring that is filled ahead. Grid:
// (tiles of queries, heads, sequences). Bound by arithmetic: 4 queries keys head_dim flops a head.
#pragma once
#include "online_softmax.cuh"

// Queries and keys of int8 are copied and read as units of 16 bits: ldmatrix gives an operand of 32
// of them where it gives one of 16 elements of 16 bits.

// What a block works on at a time. Q: the type of queries and keys.
template <int kDim, typename Q>
struct Tile {
  static constexpr int kQueries = 128;
  static constexpr int kKeys = 64;
  // Tiles of 16 queries of a warp: with two the scales of int8 leave too few registers.
  static constexpr int kRowTiles = sizeof(Q) == 1 && kDim == 128 ? 1 : 2;
  static constexpr int kWarps = kQueries / 16 / kRowTiles;
  static constexpr int kThreads = 32 * kWarps;
};

// Columns of a part of rows that have kColumns of them.
template <int kColumns>
constexpr int kPartOf = kColumns % 64 == 0 ? 64 : 32;

// The first row of a warp that has kTiles tiles, among those of its block.
template <int kTiles>
DEV int first_row_of_warp() {
  return threadIdx.x / 32 * 16 * kTiles;
}

// What belongs to tile `tile` of kTiles of a warp.
template <int kTiles, typename Element, int kElements>
DEV Element (&elements_of(Element (&elements)[kElements], int tile))[kElements / kTiles] {
  constexpr int kOfTile = kElements / kTiles;
  return reinterpret_cast<Element(&)[kOfTile]>(elements[kOfTile * tile]);
}

// Accumulators of 8 columns among those of a row of tiles.
template <typename Sum, int kElements>
DEV Sum (&accumulators(Sum (&elements)[kElements], int tile))[4] {
  return reinterpret_cast<Sum(&)[4]>(elements[4 * tile]);
}

// Where chunk `chunk` of 8 elements of a row lies in shared memory: the same chunk of eight
// consecutive rows, which ldmatrix reads at once, falls into different banks.
template <int kColumns>
DEV int place(int row, int chunk) {
  constexpr int kChunks = kColumns / 8;
  static_assert(kChunks % 4 == 0, "chunks change places in groups of 4 or 8");
  const int moved = chunk ^ (kChunks % 8 == 0 ? row % 8 : row / 2 % 4);
  return row * kColumns + moved * 8;
}

// Starts copying kRows rows of a head, whose first `rows` rows and `columns` columns exist; the
// rest becomes zero. kUnrolled: copies whose addresses may take registers.
template <typename T, int kRows, int kColumns, int kThreads,
          int kUnrolled = kRows * kColumns / 8 / kThreads>
DEV void load_tile(T *tile, const T *head, int64_t stride, int rows, int columns) {
  constexpr int kChunks = kColumns / 8;
  static_assert(kRows * kChunks % kThreads == 0, "every thread copies as much");
#pragma unroll kUnrolled
  for (int i = 0; i < kRows * kChunks / kThreads; i++) {
    const int index = i * kThreads + threadIdx.x;
    const int row = index / kChunks;
    const int chunk = index % kChunks;
    const bool present = row < rows && chunk * 8 < columns;
    const T *from = present ? head + row * stride + chunk * 8 : head;
    cp_async16(tile + place<kColumns>(row, chunk), from, present);
  }
}

// The queries of a warp, whose first row is at `queries`, at units 16 step to 16 step + 15, as left
// operands.
template <int kUnits, int kTiles, typename Unit>
DEV void queries_operands(uint32_t (&operands)[kTiles][4], const Unit *queries, int step) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int tile = 0; tile < kTiles; tile++) {
    const int row = tile * 16 + lane % 16;
    ldmatrix_x4(operands[tile], queries + place<kUnits>(row, step * 2 + lane / 16));
  }
}

// scores += queries keys^T of type Q at units 16 step to 16 step + 15, for kTiles tiles of a warp.
template <typename Q, int kUnits, int kTiles, typename Unit, typename Sum, int kScores>
DEV void add_products(Sum (&scores)[kScores], const uint32_t (&queries)[kTiles][4],
                      const Unit *keys, int step) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int j = 0; j < kScores / kTiles / 8; j++) {
    uint32_t b[4];
    const int row = j * 16 + lane / 16 * 8 + lane % 8;
    ldmatrix_x4(b, keys + place<kUnits>(row, step * 2 + lane / 8 % 2));
#pragma unroll
    for (int tile = 0; tile < kTiles; tile++) {
      auto &of_tile = elements_of<kTiles>(scores, tile);
      mma<Q>(accumulators(of_tile, 2 * j), queries[tile], b[0], b[1]);
      mma<Q>(accumulators(of_tile, 2 * j + 1), queries[tile], b[2], b[3]);
    }
  }
}

// sums += weights values, for kTiles tiles of a warp, at kColumns columns from first_column on.
template <typename T, int kColumns, int kTiles, int kSums, int kOperands>
DEV void add_values(float (&sums)[kSums], const uint32_t (&weights)[kOperands][4], const T *values,
                    int first_column) {
  constexpr int kSteps = kOperands / kTiles;
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int step = 0; step < kSteps; step++) {
#pragma unroll
    for (int j = 0; j < kColumns / 16; j++) {
      uint32_t b[4];
      ldmatrix_x4_trans(b, values + place<kColumns>(step * 16 + lane % 16, j * 2 + lane / 16));
#pragma unroll
      for (int tile = 0; tile < kTiles; tile++) {
        auto &of_tile = elements_of<kTiles>(sums, tile);
        const uint32_t(&a)[4] = weights[tile * kSteps + step];
        mma<T>(accumulators(of_tile, first_column / 8 + 2 * j), a, b[0], b[1]);
        mma<T>(accumulators(of_tile, first_column / 8 + 2 * j + 1), a, b[2], b[3]);
      }
    }
  }
}

// Stores the first `columns` columns of those of 16 rows, from `first_row` on, that exist.
template <typename T, int kColumns>
DEV void store_rows(T *out, int64_t stride, const float (&averages)[kColumns / 2], int first_row,
                    int rows, int columns) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int e = 0; e < kColumns / 2; e += 2) {
    const int row = first_row + lane / 4 + e / 2 % 2 * 8;
    const int column = e / 4 * 8 + lane % 4 * 2;
    if (row < rows && column < columns) {
      *reinterpret_cast<uint32_t *>(out + row * stride + column) =
          pack<T>(averages[e], averages[e + 1]);
    }
  }
}

// queries, keys: of a sequence. q may be out: a block has read its queries before it stores.
// Q: the type of queries and keys, T or int8_t; in units of T they are q and k.
// scales: a SameScale, or what is asked as one; transform: an Untransformed, or what is called as one.
template <typename T, int kDim, typename Q = T, typename Scales, typename Transform>
DEV void attention_tile(const T *q, const T *k, const T *v, T *out, int queries, int keys,
                        int heads, int head_dim, const Scales &scales,
                        const Transform &transform) {
  using Block = Tile<kDim, Q>;
  constexpr int kKeys = Block::kKeys;
  constexpr int kQueries = Block::kQueries;
  constexpr int kThreads = Block::kThreads;
  constexpr int kTiles = Block::kRowTiles;
  constexpr int kInUnit = sizeof(T) / sizeof(Q);
  constexpr int kUnits = kDim / kInUnit;
  constexpr int kKeyPart = kPartOf<kUnits>;
  constexpr int kValuePart = kPartOf<kDim>;
  static_assert(kKeyPart <= kValuePart, "keys fit a stage");
  constexpr int kKeyParts = kUnits / kKeyPart;
  constexpr int kParts = kKeyParts + kDim / kValuePart;  // of a tile of keys
  // So many that a part has the same one in every tile.
  constexpr int kStages = kParts % 3 == 0 ? 3 : 2;
  constexpr int kStageElements = kKeys * kValuePart;
  DYN_SMEM(T, query_parts);
  T *stages = query_parts + kQueries * kUnits;

  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = static_cast<int64_t>(blockIdx.y) * head_dim;
  const int first_query = blockIdx.x * kQueries;
  const int64_t sequence = blockIdx.z;
  const int64_t place_of_queries = (sequence * queries + first_query) * stride + head;
  q += place_of_queries / kInUnit;
  k += (sequence * keys * stride + head) / kInUnit;
  v += sequence * keys * stride + head;
  const int tiles = (keys + kKeys - 1) / kKeys;

  const auto load = [&](int t, int part) {
    T *stage = stages + part % kStages * kStageElements;
    if (t < tiles && part < kKeyParts) {
      const int column = part * kKeyPart;
      const int64_t row = t * kKeys * (stride / kInUnit);
      load_tile<T, kKeys, kKeyPart, kThreads, 1>(stage, k + row + column, stride / kInUnit,
                                                 keys - t * kKeys, head_dim / kInUnit - column);
    } else if (t < tiles) {
      const int column = (part - kKeyParts) * kValuePart;
      load_tile<T, kKeys, kValuePart, kThreads, 1>(stage, v + t * kKeys * stride + column, stride,
                                                   keys - t * kKeys, head_dim - column);
    }
    cp_async_commit();
  };
  const auto arrived = [&](int t, int part) {
    cp_async_wait<kStages - 2>();
    __syncthreads();  // the part is here for all, and nobody reads the one before it any more
    const int next = part + kStages - 1;
    load(next < kParts ? t : t + 1, next % kParts);
    return stages + part % kStages * kStageElements;
  };

  wait_for_previous_kernel();
#pragma unroll
  for (int part = 0; part < kKeyParts; part++) {
    const int column = part * kKeyPart;
    load_tile<T, kQueries, kKeyPart, kThreads, 1>(query_parts + kQueries * column, q + column,
                                                  stride / kInUnit, queries - first_query,
                                                  head_dim / kInUnit - column);
  }
#pragma unroll
  for (int part = 0; part < kStages - 1; part++) load(0, part);

  const int first_row = first_row_of_warp<kTiles>();
  decltype(scales.of_rows(0, 0, 0)) scales_of_rows[kTiles];
#pragma unroll
  for (int tile = 0; tile < kTiles; tile++) {
    scales_of_rows[tile] = scales.of_rows(blockIdx.y, first_query + first_row + tile * 16, queries);
  }
  constexpr bool kHold = kTiles == 1;  // queries in registers
  // More at a time, and addresses take registers that sums need.
  constexpr int kSteps = kHold ? kKeyPart / 16 : 2;
  uint32_t held[kHold ? kUnits / 16 : 1][kTiles][4];
  float sums[kTiles * kDim / 2] = {};
  OnlineSoftmax softmax[kTiles];
  for (int t = 0; t < tiles; t++) {
    float scores[kTiles * kKeys / 2];
    Products<SumOf<Q>, kTiles * kKeys / 2> own;
    auto &products = own.of(scores);
#pragma unroll
    for (int e = 0; e < kTiles * kKeys / 2; e++) products[e] = 0;
#pragma unroll
    for (int part = 0; part < kKeyParts; part++) {
      const T *of_queries = query_parts + (kQueries * part + first_row) * kKeyPart;
      const T *of_keys = arrived(t, part);
#pragma unroll kSteps
      for (int step = 0; step < kKeyPart / 16; step++) {
        auto &operands = held[kHold ? part * kKeyPart / 16 + step : 0];
        if (!kHold || t == 0) queries_operands<kKeyPart>(operands, of_queries, step);
        add_products<Q, kKeyPart, kTiles>(products, operands, of_keys, step);
      }
    }
    as_scores(products, scores);
    uint32_t weights[kTiles * kKeys / 16][4];
#pragma unroll
    for (int tile = 0; tile < kTiles; tile++) {
      auto &of_tile = elements_of<kTiles>(scores, tile);
      if ((t + 1) * kKeys > keys) mask_keys(of_tile, keys - t * kKeys);
      float shrink[2];
      add_scores(softmax[tile], of_tile, scales_of_rows[tile].of_keys(t * kKeys), shrink);
      scale_rows(elements_of<kTiles>(sums, tile), shrink);
      weights_operands<T>(of_tile, elements_of<kTiles>(weights, tile));
    }
#pragma unroll
    for (int part = kKeyParts; part < kParts; part++) {
      const T *of_values = arrived(t, part);
      add_values<T, kValuePart, kTiles>(sums, weights, of_values, (part - kKeyParts) * kValuePart);
    }
  }
  admit_next_kernel();
#pragma unroll
  for (int tile = 0; tile < kTiles; tile++) {
    auto &of_tile = elements_of<kTiles>(sums, tile);
    const int row = first_row + tile * 16;
    average(softmax[tile], of_tile);
    transform(of_tile, first_query + row, queries);
    store_rows<T, kDim>(out + place_of_queries, stride, of_tile, row, queries - first_query,
                        head_dim);
  }
}
