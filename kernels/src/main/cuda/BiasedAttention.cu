// Attention with a bias for every distance, as the contract BiasedAttention defines it: q, out
// [queries, heads, head_dim], k, v [keys, key_heads, head_dim], bias [heads, queries + keys - 1];
// scale_log2 is the scale times log2(e). For head dims up to 256.
//
// A warp holds a query, lane l its columns l, l + 32 and so on, and passes over the keys with a
// running softmax. Grid: (groups of four queries, heads). Bound by the shuffles of the dot products;
// made for a text encoder, where products by weights take thirty times the operations.
#include "tile.cuh"

// Queries of a block, one for each warp; the launcher knows it too.
constexpr int kWarps = 4;
// Columns of a lane.
constexpr int kColumns = 8;
constexpr float kLog2E = 1.44269504f;

template <typename T>
DEV void load_columns(const T *row, int lane, int head_dim, float (&values)[kColumns]) {
#pragma unroll
  for (int i = 0; i < kColumns; i++) {
    const int column = lane + 32 * i;
    values[i] = column < head_dim ? to_float(row[column]) : 0.0f;
  }
}

template <typename T>
DEV void biased_attention(const T *q, const T *k, const T *v, const float *bias, T *out,
                          int queries, int keys, int heads, int key_heads, int head_dim,
                          float scale_log2) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int lane = threadIdx.x % 32;
  const int query = blockIdx.x * kWarps + threadIdx.x / 32;
  const int head = blockIdx.y;
  if (query >= queries) return;  // the whole warp
  const int64_t row = static_cast<int64_t>(heads) * head_dim;
  const int64_t first = static_cast<int64_t>(head) * head_dim;
  const int64_t key_row = static_cast<int64_t>(key_heads) * head_dim;
  const int64_t key_first = static_cast<int64_t>(head / (heads / key_heads)) * head_dim;
  // The biases of this query, by key.
  const float *biases =
      bias + static_cast<int64_t>(head) * (queries + keys - 1) + queries - 1 - query;

  float query_columns[kColumns];
  load_columns(q + query * row + first, lane, head_dim, query_columns);
  float sums[kColumns] = {};
  float max = -INFINITY;
  float sum = 0;
  for (int key = 0; key < keys; key++) {
    if (biases[key] == -INFINITY) continue;  // the whole warp
    float columns[kColumns];
    load_columns(k + key * key_row + key_first, lane, head_dim, columns);
    float score = 0;
#pragma unroll
    for (int i = 0; i < kColumns; i++) score = fmaf(query_columns[i], columns[i], score);
    score = fmaf(warp_sum(score), scale_log2, biases[key] * kLog2E);
    const float higher = fmaxf(max, score);
    const float shrink = exp2f(max - higher);
    const float weight = exp2f(score - higher);
    max = higher;
    sum = fmaf(sum, shrink, weight);
    load_columns(v + key * key_row + key_first, lane, head_dim, columns);
#pragma unroll
    for (int i = 0; i < kColumns; i++) sums[i] = fmaf(weight, columns[i], sums[i] * shrink);
  }
  T *to = out + query * row + first;
#pragma unroll
  for (int i = 0; i < kColumns; i++) {
    const int column = lane + 32 * i;
    if (column < head_dim) to[column] = from_float<T>(sums[i] / sum);
  }
}

#define BIASED_ATTENTION(type, dtype)                                                            \
  extern "C" __global__ void __launch_bounds__(kWarps * 32) biased_attention_##dtype(            \
      const type *q, const type *k, const type *v, const float *bias, type *out, int queries,    \
      int keys, int heads, int key_heads, int head_dim, float scale_log2) {                      \
    biased_attention<type>(q, k, v, bias, out, queries, keys, heads, key_heads, head_dim,        \
                           scale_log2);                                                          \
  }                                                                                              \
  KERNEL_EXPORT(biased_attention_##dtype)

BIASED_ATTENTION(float, f32)
BIASED_ATTENTION(half, f16)
BIASED_ATTENTION(bf16, bf16)
