// softmax(scale q k^T) v for every head of every sequence, as the contract Attention defines it: q,
// out [sequences, queries, heads, head_dim], k, v [sequences, keys, heads, head_dim]; scale_log2 is
// the scale times log2(e).
//
// attention_d<D>_<dtype>, attention_wide_<dtype>, on tensor cores: attention_tile.cuh,
// attention_wide.cuh.
//
// attention_<dtype>: any size, scale and alignment. A warp computes one row of the output; a block
// has up to four.
#include "attention_wide.cuh"

constexpr int kMostRows = 4;

// One row of the output: a lane computes the score of every 32nd key and sums every 32nd column.
// Shared memory: 2 head_dim floats for each warp.
template <typename T>
DEV void attention_row(const T *q, const T *k, const T *v, T *out, int sequences, int queries,
                       int keys, int heads, int head_dim, float scale_log2) {
  DYN_SMEM(float, shared);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int64_t item = static_cast<int64_t>(blockIdx.x) * (blockDim.x / 32) + warp;
  if (item >= static_cast<int64_t>(sequences) * queries * heads) return;
  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t sequence = item / queries / heads;
  const int64_t head = item / queries % heads * head_dim;
  const int64_t row = (sequence * queries + item % queries) * stride + head;
  k += sequence * keys * stride;
  v += sequence * keys * stride;
  float *query = shared + 2 * warp * head_dim;
  float *sums = query + head_dim;
  for (int d = lane; d < head_dim; d += 32) {
    query[d] = to_float(q[row + d]);
    sums[d] = 0;
  }
  __syncwarp();

  float max = -INFINITY;
  float sum = 0;
  for (int first = 0; first < keys; first += 32) {
    float score = -INFINITY;
    if (first + lane < keys) {
      const T *key = k + (first + lane) * stride + head;
      float product = 0;
      for (int d = 0; d < head_dim; d++) product = fmaf(query[d], to_float(key[d]), product);
      score = product * scale_log2;
    }
    const float higher = fmaxf(max, warp_max(score));
    const float shrink = exp2f(max - higher);
    const float weight = exp2f(score - higher);
    max = higher;
    sum = sum * shrink + warp_sum(weight);
    const int count = min(32, keys - first);
    for (int column = 0; column < head_dim; column += 32) {
      const int d = column + lane;
      float total = d < head_dim ? sums[d] * shrink : 0;
      for (int j = 0; j < count; j++) {
        const float w = __shfl_sync(kFullWarp, weight, j);
        if (d < head_dim) total = fmaf(w, to_float(v[(first + j) * stride + head + d]), total);
      }
      if (d < head_dim) sums[d] = total;
    }
  }
  for (int d = lane; d < head_dim; d += 32) out[row + d] = from_float<T>(sums[d] / sum);
}

#define ATTENTION_TILE(dim, type, dtype)                                                         \
  extern "C" __global__ void __launch_bounds__(Tile<dim, type>::kThreads)                        \
      attention_d##dim##_##dtype(const type *q, const type *k, const type *v, type *out,         \
                                 int queries, int keys, int heads, int head_dim,                 \
                                 float scale_log2) {                                             \
    attention_tile<type, dim>(q, k, v, out, queries, keys, heads, head_dim,                      \
                              SameScale{scale_log2}, Untransformed());                           \
  }                                                                                              \
  KERNEL_EXPORT(attention_d##dim##_##dtype)

#define ATTENTION_TILES(dim)       \
  ATTENTION_TILE(dim, half, f16)   \
  ATTENTION_TILE(dim, bf16, bf16)

ATTENTION_TILES(32)
ATTENTION_TILES(64)
ATTENTION_TILES(96)
ATTENTION_TILES(128)

#define ATTENTION_WIDE(type, dtype)                                                              \
  extern "C" __global__ void __launch_bounds__(Wide::kThreads)                                   \
      attention_wide_##dtype(const type *q, const type *k, const type *v, type *out,             \
                             int queries, int keys, int heads, int head_dim, float scale_log2) { \
    attention_wide<type>(q, k, v, out, queries, keys, heads, head_dim, scale_log2);              \
  }                                                                                              \
  KERNEL_EXPORT(attention_wide_##dtype)

ATTENTION_WIDE(half, f16)
ATTENTION_WIDE(bf16, bf16)

#define ATTENTION_ROW(type, dtype)                                                               \
  extern "C" __global__ void __launch_bounds__(32 * kMostRows)                                   \
      attention_##dtype(const type *q, const type *k, const type *v, type *out, int sequences,   \
                        int queries, int keys, int heads, int head_dim, float scale_log2) {      \
    attention_row<type>(q, k, v, out, sequences, queries, keys, heads, head_dim, scale_log2);    \
  }                                                                                              \
  KERNEL_EXPORT(attention_##dtype)

ATTENTION_ROW(float, f32)
ATTENTION_ROW(half, f16)
ATTENTION_ROW(bf16, bf16)
