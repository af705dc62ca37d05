// Attention on tensor cores, for head dims that are multiples of 8 and at most kDim, a positive
// scale and 16-byte aligned tensors. A block takes 16 queries of one head for each warp and walks
// through the keys in tiles; queries, scores, weights and sums stay in registers. K and V have two
// buffers each: one is filled while the other is multiplied. Grid: (tiles of queries, heads,
// sequences). Bound by arithmetic: 4 queries keys head_dim flops a head.
#pragma once
#include "online_softmax.cuh"

// Queries and keys of int8 are copied and read as units of 16 bits: ldmatrix gives an operand of 32
// of them where it gives one of 16 elements of 16 bits.

// What a block works on at a time.
template <int kDim>
struct Tile {
  static constexpr int kWarps = kDim == 64 || kDim == 128 ? 8 : 4;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kQueries = 16 * kWarps;
  static constexpr int kKeys = 64;
};

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

// The queries of a warp at units 16 step to 16 step + 15, as a left operand.
template <typename T, int kDim>
DEV void queries_operand(uint32_t (&operand)[4], const T *tile, int step) {
  const int lane = threadIdx.x % 32;
  const int row = threadIdx.x / 32 * 16 + lane % 16;
  ldmatrix_x4(operand, tile + place<kDim>(row, step * 2 + lane / 16));
}

// scores += queries keys^T of type Q at units 16 step to 16 step + 15.
template <typename Q, int kUnits, typename Unit, typename Sum, int kScores>
DEV void add_products(Sum (&scores)[kScores], const uint32_t (&queries)[4], const Unit *keys,
                      int step) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int j = 0; j < kScores / 8; j++) {
    uint32_t b[4];
    const int row = j * 16 + lane / 16 * 8 + lane % 8;
    ldmatrix_x4(b, keys + place<kUnits>(row, step * 2 + lane / 8 % 2));
    mma<Q>(accumulators(scores, 2 * j), queries, b[0], b[1]);
    mma<Q>(accumulators(scores, 2 * j + 1), queries, b[2], b[3]);
  }
}

// sums += weights values.
template <typename T, int kColumns, int kWeights>
DEV void add_values(float (&sums)[kColumns / 2], const float (&weights)[kWeights],
                    const T *values) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int step = 0; step < kWeights / 8; step++) {
    uint32_t a[4];
    weights_operand<T>(weights + 8 * step, a);
#pragma unroll
    for (int j = 0; j < kColumns / 16; j++) {
      uint32_t b[4];
      ldmatrix_x4_trans(b, values + place<kColumns>(step * 16 + lane % 16, j * 2 + lane / 16));
      mma<T>(accumulators(sums, 2 * j), a, b[0], b[1]);
      mma<T>(accumulators(sums, 2 * j + 1), a, b[2], b[3]);
    }
  }
}

// Stores the first `columns` columns of those of a warp's rows that exist.
template <typename T, int kColumns>
DEV void store_rows(T *out, int64_t stride, const float (&averages)[kColumns / 2], int rows,
                    int columns) {
  const int lane = threadIdx.x % 32;
  const int first = threadIdx.x / 32 * 16 + lane / 4;
#pragma unroll
  for (int e = 0; e < kColumns / 2; e += 2) {
    const int row = first + e / 2 % 2 * 8;
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
  using Block = Tile<kDim>;
  constexpr int kKeys = Block::kKeys;
  constexpr int kThreads = Block::kThreads;
  constexpr int kInUnit = sizeof(T) / sizeof(Q);
  constexpr int kUnits = kDim / kInUnit;
  constexpr int kSteps = kUnits / 16;
  DYN_SMEM(T, query_tile);
  T *key_tiles = query_tile + Block::kQueries * kUnits;
  T *value_tiles = key_tiles + 2 * kKeys * kUnits;

  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = static_cast<int64_t>(blockIdx.y) * head_dim;
  const int first_query = blockIdx.x * Block::kQueries;
  const int64_t sequence = blockIdx.z;
  const int64_t place_of_queries = (sequence * queries + first_query) * stride + head;
  q += place_of_queries / kInUnit;
  k += (sequence * keys * stride + head) / kInUnit;
  v += sequence * keys * stride + head;
  const int tiles = (keys + kKeys - 1) / kKeys;

  const auto load_keys = [&](int t) {
    if (t < tiles) {
      load_tile<T, kKeys, kUnits, kThreads>(key_tiles + t % 2 * kKeys * kUnits,
                                            k + t * kKeys * (stride / kInUnit), stride / kInUnit,
                                            keys - t * kKeys, head_dim / kInUnit);
    }
    cp_async_commit();
  };
  const auto load_values = [&](int t) {
    if (t < tiles) {
      load_tile<T, kKeys, kDim, kThreads>(value_tiles + t % 2 * kKeys * kDim,
                                          v + t * kKeys * stride, stride, keys - t * kKeys,
                                          head_dim);
    }
    cp_async_commit();
  };

  load_tile<T, Block::kQueries, kUnits, kThreads>(query_tile, q, stride / kInUnit,
                                                 queries - first_query, head_dim / kInUnit);
  load_keys(0);
  load_values(0);

  const auto scales_of_rows = scales.of_rows(blockIdx.y, first_query, queries);
  uint32_t held[kSteps][4];
  float sums[kDim / 2] = {};
  OnlineSoftmax softmax;
  for (int t = 0; t < tiles; t++) {
    cp_async_wait<1>();
    __syncthreads();  // the keys are here, and nobody reads the tile before them any more
    load_keys(t + 1);
    if (t == 0) {
#pragma unroll
      for (int step = 0; step < kSteps; step++) {
        queries_operand<T, kUnits>(held[step], query_tile, step);
      }
    }
    float scores[kKeys / 2];
    Products<SumOf<Q>, kKeys / 2> own;
    auto &products = own.of(scores);
#pragma unroll
    for (int e = 0; e < kKeys / 2; e++) products[e] = 0;
#pragma unroll
    for (int step = 0; step < kSteps; step++) {
      add_products<Q, kUnits>(products, held[step], key_tiles + t % 2 * kKeys * kUnits, step);
    }
    as_scores(products, scores);
    if ((t + 1) * kKeys > keys) mask_keys(scores, keys - t * kKeys);
    float shrink[2];
    add_scores(softmax, scores, scales_of_rows.of_keys(t * kKeys), shrink);
    scale_rows(sums, shrink);
    cp_async_wait<1>();
    __syncthreads();  // the same for the values
    load_values(t + 1);
    add_values<T, kDim>(sums, scores, value_tiles + t % 2 * kKeys * kDim);
  }
  average(softmax, sums);
  transform(sums, first_query, queries);
  store_rows<T, kDim>(out + place_of_queries, stride, sums, queries - first_query, head_dim);
}
