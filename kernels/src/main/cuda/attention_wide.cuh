// Attention on tensor cores for heads that do not fit shared memory or registers: any head dim that
// is a multiple of 8, a positive scale and 16-byte aligned tensors. A block takes 16 queries of one
// head for each warp and computes a slice of the columns of their outputs. It walks through the keys
// in tiles: queries and keys of a tile come in parts of kPart channels, whose products add up to its
// scores, and then the slice of its values. All of these are stages of one ring, which cp.async
// fills ahead. Grid: (tiles of queries, heads, slices of the first sequence, of the second, ..).
// Every slice computes the scores again: 2 queries keys (slices head_dim + head_dim) flops a head.
// Bound by shared memory, from which every warp reads all keys and values.
#pragma once
#include "attention_tile.cuh"

// What a block works on at a time.
struct Wide {
  static constexpr int kWarps = 4;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kQueries = 16 * kWarps;
  static constexpr int kKeys = 64;
  static constexpr int kPart = 64;
  static constexpr int kColumns = 192;
  static constexpr int kStages = 3;
  static constexpr int kStageElements = kKeys * kColumns;
  static_assert((kQueries + kKeys) * kPart <= kStageElements, "queries and keys fit a stage");
};

// queries, keys: of a sequence.
template <typename T>
DEV void attention_wide(const T *q, const T *k, const T *v, T *out, int queries, int keys,
                        int heads, int head_dim, float scale_log2) {
  constexpr int kThreads = Wide::kThreads;
  constexpr int kQueries = Wide::kQueries;
  constexpr int kKeys = Wide::kKeys;
  constexpr int kPart = Wide::kPart;
  constexpr int kColumns = Wide::kColumns;
  constexpr int kStages = Wide::kStages;
  constexpr int kStageElements = Wide::kStageElements;
  DYN_SMEM(T, ring);
  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = static_cast<int64_t>(blockIdx.y) * head_dim;
  const int first_query = blockIdx.x * kQueries;
  const int slices = (head_dim + kColumns - 1) / kColumns;
  const int64_t sequence = blockIdx.z / slices;
  const int first_column = blockIdx.z % slices * kColumns;
  const int64_t place_of_queries = (sequence * queries + first_query) * stride + head;
  q += place_of_queries;
  k += sequence * keys * stride + head;
  v += sequence * keys * stride + head + first_column;
  const int tiles = (keys + kKeys - 1) / kKeys;
  const int parts = (head_dim + kPart - 1) / kPart;

  // A stage is a part of queries and keys, or the values behind the last part of a tile.
  const auto load = [&](int number) {
    const int t = number / (parts + 1);
    const int channel = number % (parts + 1) * kPart;
    T *stage = ring + number % kStages * kStageElements;
    const int64_t row = t * kKeys * stride;
    if (t < tiles && channel < head_dim) {
      load_tile<T, kQueries, kPart, kThreads>(stage, q + channel, stride, queries - first_query,
                                              head_dim - channel);
      load_tile<T, kKeys, kPart, kThreads>(stage + kQueries * kPart, k + row + channel, stride,
                                           keys - t * kKeys, head_dim - channel);
    } else if (t < tiles) {
      load_tile<T, kKeys, kColumns, kThreads, 1>(stage, v + row, stride, keys - t * kKeys,
                                              head_dim - first_column);
    }
    cp_async_commit();
  };
  int next = 0;
  const auto arrived = [&] {
    cp_async_wait<kStages - 2>();
    __syncthreads();  // it is here for all, and nobody reads the stage before it any more
    load(next + kStages - 1);
    return ring + next++ % kStages * kStageElements;
  };
  wait_for_previous_kernel();
#pragma unroll
  for (int number = 0; number < kStages - 1; number++) load(number);

  const int first_row = first_row_of_warp<1>();
  float sums[kColumns / 2] = {};
  OnlineSoftmax softmax;
  for (int t = 0; t < tiles; t++) {
    float scores[kKeys / 2] = {};
    for (int part = 0; part < parts; part++) {
      const T *stage = arrived();
#pragma unroll
      for (int step = 0; step < kPart / 16; step++) {
        uint32_t operands[1][4];
        queries_operands<kPart>(operands, stage + first_row * kPart, step);
        add_products<T, kPart, 1>(scores, operands, stage + kQueries * kPart, step);
      }
    }
    if ((t + 1) * kKeys > keys) mask_keys(scores, keys - t * kKeys);
    float shrink[2];
    add_scores(softmax, scores, scale_log2, shrink);
    scale_rows(sums, shrink);
    uint32_t weights[kKeys / 16][4];
    weights_operands<T>(scores, weights);
    add_values<T, kColumns, 1>(sums, weights, arrived(), 0);
  }
  admit_next_kernel();
  average(softmax, sums);
  store_rows<T, kColumns>(out + place_of_queries + first_column, stride, sums,
                          first_row, queries - first_query, head_dim - first_column);
}
