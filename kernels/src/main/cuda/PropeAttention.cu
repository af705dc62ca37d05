// Attention between transformed queries and keys, as the contract PropeAttention defines it: q, out
// [queries, heads, head_dim], k, v [keys, heads, head_dim], image_from_world [frames of queries, 4,
// 4], world_from_image [frames of keys, 4, 4]; scale_log2 is the scale times log2(e). A frame has
// queries_per_frame queries or keys_per_frame keys; those of keys begin behind plain_keys, which
// are not transformed.
//
// prope_transform_<dtype> writes transformed queries, keys and values, rounded to the dtype. A block
// transforms a token, eight channels of all heads a thread; bound by bytes: each element is read
// and written once.
//
// prope_attention_d<D>_<dtype>, on tensor cores: attention_tile.cuh, of what the former wrote.
// Averages are transformed in registers.
//
// prope_attention_<dtype>: any size, scale and alignment. A warp computes one row of the output,
// all in fp32, from untransformed tensors; a block has up to four.
#include "attention_tile.cuh"
#include "cameras.cuh"

// Multiplies all groups of a token by the matrix at `matrix`, or by its transpose; copies them
// where there is none.
template <bool kTranspose, typename T>
DEV void transform_token(const T *x, const float *matrix, T *out, int chunks) {
  for (int chunk = threadIdx.x; chunk < chunks; chunk += blockDim.x) {
    float values[8];
    load8(x + chunk * 8, values);
    if (matrix != nullptr) transform_eight<kTranspose>(load_matrix(matrix), values);
    store8(out + chunk * 8, values);
  }
}

// One token of the queries, of the keys, or of the values, in this order.
// seen_q: may be q
// seen:   keys, and behind them values
template <typename T>
DEV void prope_transform(const T *q, const T *k, const T *v, const Cameras &cameras, T *seen_q,
                         T *seen, int queries, int keys, int channels) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int chunks = channels / 8;
  const int query = blockIdx.x;
  if (query < queries) {
    const int64_t at = static_cast<int64_t>(query) * channels;
    transform_token<true>(q + at, cameras.of_query(query), seen_q + at, chunks);
    return;
  }
  const int token = query - queries;
  const bool is_key = token < keys;
  const int key = is_key ? token : token - keys;
  const float *matrix = key < cameras.plain_keys ? nullptr : cameras.of_key(key);
  const T *from = (is_key ? k : v) + static_cast<int64_t>(key) * channels;
  transform_token<false>(from, matrix, seen + static_cast<int64_t>(token) * channels, chunks);
}

constexpr int kMostRows = 4;
constexpr int kMostThreads = 512;  // that transform a token

// Element i of the product of a matrix, or its transpose, with the four values at `group`.
template <bool kTranspose, typename T>
DEV float product(const float *matrix, int i, const T *group) {
  float sum = 0;
#pragma unroll
  for (int j = 0; j < kGroup; j++) {
    const float factor = matrix[kTranspose ? j * kGroup + i : i * kGroup + j];
    sum = fmaf(factor, to_float(group[j]), sum);
  }
  return sum;
}

// One row of the output: a lane computes the score of every 32nd key and sums every 32nd column.
// Shared memory: 2 head_dim floats for each warp.
template <typename T>
DEV void prope_attention_row(const T *q, const T *k, const T *v, const Cameras &cameras, T *out,
                             int queries, int keys, int heads, int head_dim, float scale_log2) {
  DYN_SMEM(float, shared);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int64_t item = static_cast<int64_t>(blockIdx.x) * (blockDim.x / 32) + warp;
  if (item >= static_cast<int64_t>(queries) * heads) return;
  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = item / queries * head_dim;
  const int query_row = static_cast<int>(item % queries);
  const int64_t row = query_row * stride + head;
  const float *of_query = cameras.of_query(query_row);
  float *query = shared + 2 * warp * head_dim;
  float *sums = query + head_dim;
  for (int d = lane; d < head_dim; d += 32) {
    const int i = d % kGroup;
    query[d] = product<true>(of_query, i, q + row + d - i);
    sums[d] = 0;
  }
  __syncwarp();

  float max = -INFINITY;
  float sum = 0;
  for (int first = 0; first < keys; first += 32) {
    float score = -INFINITY;
    if (first + lane < keys) {
      const T *key = k + (first + lane) * stride + head;
      const bool is_plain = first + lane < cameras.plain_keys;
      const float *of_key = cameras.of_key(first + lane);
      float total = 0;
      for (int d = 0; d < head_dim; d += kGroup) {
#pragma unroll
        for (int i = 0; i < kGroup; i++) {
          const float seen =
              is_plain ? to_float(key[d + i]) : product<false>(of_key, i, key + d);
          total = fmaf(query[d + i], seen, total);
        }
      }
      score = total * scale_log2;
    }
    const float higher = fmaxf(max, warp_max(score));
    const float shrink = exp2f(max - higher);
    const float weight = exp2f(score - higher);
    max = higher;
    sum = sum * shrink + warp_sum(weight);
    const int count = min(32, keys - first);
    for (int column = 0; column < head_dim; column += 32) {
      const int d = column + lane;
      const int i = d % kGroup;
      float total = d < head_dim ? sums[d] * shrink : 0;
      for (int j = 0; j < count; j++) {
        const float w = __shfl_sync(kFullWarp, weight, j);
        if (d < head_dim) {
          const T *group = v + (first + j) * stride + head + d - i;
          const float seen = first + j < cameras.plain_keys
                                 ? to_float(group[i])
                                 : product<false>(cameras.of_key(first + j), i, group);
          total = fmaf(w, seen, total);
        }
      }
      if (d < head_dim) sums[d] = total;
    }
  }
  __syncwarp();  // a group's sums are those of four lanes
  for (int d = lane; d < head_dim; d += 32) {
    const int i = d % kGroup;
    out[row + d] = from_float<T>(product<false>(of_query, i, sums + d - i) / sum);
  }
}

#define PROPE_TRANSFORM(type, dtype)                                                             \
  extern "C" __global__ void __launch_bounds__(kMostThreads) prope_transform_##dtype(            \
      const type *q, const type *k, const type *v, const float *image_from_world,                \
      const float *world_from_image, type *seen_q, type *seen, int queries, int keys,            \
      int channels, int queries_per_frame, int keys_per_frame, int plain_keys) {                 \
    const Cameras cameras = {image_from_world, world_from_image, queries_per_frame,              \
                             keys_per_frame, plain_keys};                                        \
    prope_transform<type>(q, k, v, cameras, seen_q, seen, queries, keys, channels);              \
  }                                                                                              \
  KERNEL_EXPORT(prope_transform_##dtype)

PROPE_TRANSFORM(half, f16)
PROPE_TRANSFORM(bf16, bf16)

#define PROPE_ATTENTION_TILE(dim, type, dtype)                                                   \
  extern "C" __global__ void __launch_bounds__(Tile<dim, type>::kThreads)                        \
      prope_attention_d##dim##_##dtype(const type *q, const type *k, const type *v, type *out,   \
                                       int queries, int keys, int heads, int head_dim,           \
                                       float scale_log2, const float *image_from_world,          \
                                       int queries_per_frame) {                                  \
    attention_tile<type, dim>(q, k, v, out, queries, keys, heads, head_dim,                      \
                              SameScale{scale_log2},                                             \
                              ToImages{image_from_world, queries_per_frame});                    \
  }                                                                                              \
  KERNEL_EXPORT(prope_attention_d##dim##_##dtype)

#define PROPE_ATTENTION_TILES(dim)     \
  PROPE_ATTENTION_TILE(dim, half, f16) \
  PROPE_ATTENTION_TILE(dim, bf16, bf16)

PROPE_ATTENTION_TILES(32)
PROPE_ATTENTION_TILES(64)
PROPE_ATTENTION_TILES(96)
PROPE_ATTENTION_TILES(128)

#define PROPE_ATTENTION_ROW(type, dtype)                                                         \
  extern "C" __global__ void __launch_bounds__(32 * kMostRows) prope_attention_##dtype(          \
      const type *q, const type *k, const type *v, const float *image_from_world,                \
      const float *world_from_image, type *out, int queries, int keys, int heads, int head_dim,  \
      int queries_per_frame, int keys_per_frame, int plain_keys, float scale_log2) {             \
    const Cameras cameras = {image_from_world, world_from_image, queries_per_frame,              \
                             keys_per_frame, plain_keys};                                        \
    prope_attention_row<type>(q, k, v, cameras, out, queries, keys, heads, head_dim,             \
                              scale_log2);                                                       \
  }                                                                                              \
  KERNEL_EXPORT(prope_attention_##dtype)

PROPE_ATTENTION_ROW(float, f32)
PROPE_ATTENTION_ROW(half, f16)
PROPE_ATTENTION_ROW(bf16, bf16)
