// Attention with scores of int8 queries and keys, as the contract AttentionInt8 defines it: q, out
// [queries, heads, head_dim], k, v [keys, heads, head_dim], of 16 bits, at addresses that are
// multiples of 16 bytes; the head dim is a multiple of 16 and at most 128. Cameras are those of
// PropeAttention.cu, or null.
//
// attention_int8_quantize_<dtype> writes int8 queries with a scale each and int8 keys, less the mean of
// a head's keys, with one for every 128; all of them, and values, are transformed before if there are
// cameras. A block takes 128 tokens of a head of queries, of keys or of values, half a warp a row
// and eight channels a thread. Bound by bytes: each element is read once, and 64 keys of each head
// for their mean again by every block of keys.
//
// attention_int8_d<D>_<dtype>, attention_int8_cameras_d<D>_<dtype>, on tensor cores: attention_tile.cuh,
// of what the former wrote.
#include "attention_int8.cuh"
#include "attention_tile.cuh"
#include "quantize.cuh"

constexpr int kTokens = 128;  // of a block
constexpr int kQuantizeThreads = 256;
constexpr int kRowThreads = 16;
constexpr int kMostChannels = 8 * kRowThreads;
constexpr int kRowsAtOnce = kQuantizeThreads / kRowThreads;
constexpr int kRowsOfThread = kTokens / kRowsAtOnce;
constexpr int kMeanKeys = 64;

static_assert(kTokens == kScaledKeys, "a block has the keys that share a scale");

// One head of tokens in memory.
template <typename T>
struct HeadRows {
  const T *x;  // first channel of the head in token 0
  int64_t stride;
  int tokens;
  int channels;

  // Eight channels of a token, multiplied by a matrix or its transpose if there is one; zeros where
  // there are no such channels or no such token.
  template <bool kTranspose>
  DEV void load(int token, const float *matrix, float (&values)[8]) const {
    const int channel = threadIdx.x % kRowThreads * 8;
    if (token >= tokens || channel >= channels) {
#pragma unroll
      for (int i = 0; i < 8; i++) values[i] = 0;
      return;
    }
    load8(x + token * stride + channel, values);
    if (matrix != nullptr) transform_eight<kTranspose>(load_matrix(matrix), values);
  }
};

// Stores eight int8 channels where HeadRows::load found some.
template <typename T>
DEV void store_rounded(const HeadRows<T> &rows, int token, const Rounding<Int8> &rounding,
                       const float (&values)[8], int8_t *out) {
  const int channel = threadIdx.x % kRowThreads * 8;
  if (token >= rows.tokens || channel >= rows.channels) return;
  uint32_t bytes[8];
#pragma unroll
  for (int i = 0; i < 8; i++) bytes[i] = rounding.of(values[i]);
  *reinterpret_cast<uint2 *>(out + token * rows.stride + channel) = pack_bytes(bytes);
}

DEV float largest_of(const float (&values)[8]) {
  float largest = 0;
#pragma unroll
  for (int i = 0; i < 8; i++) largest = fmaxf(largest, magnitude_of(values[i]));
  return largest;
}

// The token that a thread has as the i-th of a block.
DEV int token_of(int block, int i) {
  return block * kTokens + i * kRowsAtOnce + threadIdx.x / kRowThreads;
}

// out, scales: of the head.
template <typename T>
DEV void quantize_queries(const HeadRows<T> &rows, const Cameras &cameras, int block, int heads,
                          int8_t *out, float *scales) {
#pragma unroll
  for (int i = 0; i < kRowsOfThread; i++) {
    const int token = token_of(block, i);
    const bool seen = cameras.image_from_world != nullptr && token < rows.tokens;
    float values[8];
    rows.template load<true>(token, seen ? cameras.of_query(token) : nullptr, values);
    float largest = largest_of(values);
#pragma unroll
    for (int lanes = kRowThreads / 2; lanes > 0; lanes /= 2) {
      largest = fmaxf(largest, __shfl_xor_sync(kFullWarp, largest, lanes));
    }
    const Rounding<Int8> rounding(largest);
    store_rounded(rows, token, rounding, values, out);
    if (token < rows.tokens && threadIdx.x % kRowThreads == 0) {
      scales[token * heads] = rounding.scale;
    }
  }
}

// The matrix of a key that exists, or null.
DEV const float *matrix_of_key(const Cameras &cameras, int key) {
  const bool plain = cameras.world_from_image == nullptr || key < cameras.plain_keys;
  return plain ? nullptr : cameras.of_key(key);
}

// The mean of up to 64 keys from the first one on, as far apart as can be. Every sixteenth of them
// are added first: those of a row of threads.
template <typename T>
DEV void mean_of_keys(const HeadRows<T> &rows, const Cameras &cameras,
                      float (&sums)[kRowsAtOnce][kMostChannels], float (&mean)[8]) {
  const int count = min(rows.tokens, kMeanKeys);
  const int channel = threadIdx.x % kRowThreads * 8;
  const int row = threadIdx.x / kRowThreads;
  float sum[8] = {};
#pragma unroll
  for (int i = 0; i < kMeanKeys / kRowsAtOnce; i++) {
    const int number = i * kRowsAtOnce + row;
    if (number < count) {
      const int key = static_cast<int64_t>(number) * rows.tokens / count;
      float values[8];
      rows.template load<false>(key, matrix_of_key(cameras, key), values);
#pragma unroll
      for (int e = 0; e < 8; e++) sum[e] += values[e];
    }
  }
#pragma unroll
  for (int e = 0; e < 8; e++) sums[row][channel + e] = sum[e];
  __syncthreads();
#pragma unroll
  for (int e = 0; e < 8; e++) {
    float total = sums[0][channel + e];
#pragma unroll
    for (int r = 1; r < kRowsAtOnce; r++) total += sums[r][channel + e];
    mean[e] = __fdiv_rn(total, count);
  }
}

// out, scales: of the head.
template <typename T>
DEV void quantize_keys(const HeadRows<T> &rows, const Cameras &cameras, int block, int heads,
                       int8_t *out, float *scales) {
  __shared__ float sums[kRowsAtOnce][kMostChannels];
  __shared__ float largest_of_warps[kQuantizeThreads / 32];
  float mean[8];
  mean_of_keys(rows, cameras, sums, mean);
  float values[kRowsOfThread][8];
  float largest = 0;
#pragma unroll
  for (int i = 0; i < kRowsOfThread; i++) {
    const int key = token_of(block, i);
    const bool exists = key < rows.tokens && threadIdx.x % kRowThreads * 8 < rows.channels;
    rows.template load<false>(key, exists ? matrix_of_key(cameras, key) : nullptr, values[i]);
    if (exists) {
#pragma unroll
      for (int e = 0; e < 8; e++) values[i][e] -= mean[e];
      largest = fmaxf(largest, largest_of(values[i]));
    }
  }
  largest = warp_max(largest);
  if (threadIdx.x % 32 == 0) largest_of_warps[threadIdx.x / 32] = largest;
  __syncthreads();
#pragma unroll
  for (int warp = 0; warp < kQuantizeThreads / 32; warp++) {
    largest = fmaxf(largest, largest_of_warps[warp]);
  }
  const Rounding<Int8> rounding(largest);
#pragma unroll
  for (int i = 0; i < kRowsOfThread; i++) {
    store_rounded(rows, token_of(block, i), rounding, values[i], out);
  }
  if (threadIdx.x == 0) scales[block * heads] = rounding.scale;
}

// out: of the head.
template <typename T>
DEV void transform_values(const HeadRows<T> &rows, const Cameras &cameras, int block, T *out) {
  const int channel = threadIdx.x % kRowThreads * 8;
  if (channel >= rows.channels) return;
#pragma unroll
  for (int i = 0; i < kRowsOfThread; i++) {
    const int key = token_of(block, i);
    if (key < rows.tokens) {
      float values[8];
      rows.template load<false>(key, matrix_of_key(cameras, key), values);
      store8(out + key * rows.stride + channel, values);
    }
  }
}

// Grid: (blocks of queries, of keys and, if there are cameras, of values; heads).
template <typename T>
DEV void quantize(const T *q, const T *k, const T *v, const Cameras &cameras, int8_t *q8,
                  float *q_scales, int8_t *k8, float *k_scales, T *seen_v, int queries, int keys,
                  int heads, int head_dim) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int head = blockIdx.y;
  const int64_t first = static_cast<int64_t>(head) * head_dim;
  const int query_blocks = (queries + kTokens - 1) / kTokens;
  const int key_blocks = (keys + kTokens - 1) / kTokens;
  const int block = blockIdx.x;
  if (block < query_blocks) {
    const HeadRows<T> rows = {q + first, stride, queries, head_dim};
    quantize_queries(rows, cameras, block, heads, q8 + first, q_scales + head);
  } else if (block < query_blocks + key_blocks) {
    const HeadRows<T> rows = {k + first, stride, keys, head_dim};
    quantize_keys(rows, cameras, block - query_blocks, heads, k8 + first, k_scales + head);
  } else {
    const HeadRows<T> rows = {v + first, stride, keys, head_dim};
    transform_values(rows, cameras, block - query_blocks - key_blocks, seen_v + first);
  }
}

#define ATTENTION_INT8_QUANTIZE(type, dtype)                                                     \
  extern "C" __global__ void __launch_bounds__(kQuantizeThreads) attention_int8_quantize_##dtype( \
      const type *q, const type *k, const type *v, const float *image_from_world,                \
      const float *world_from_image, int8_t *q8, float *q_scales, int8_t *k8, float *k_scales,   \
      type *seen_v, int queries, int keys, int heads, int head_dim, int queries_per_frame,       \
      int keys_per_frame, int plain_keys) {                                                      \
    const Cameras cameras = {image_from_world, world_from_image, queries_per_frame,              \
                             keys_per_frame, plain_keys};                                        \
    quantize<type>(q, k, v, cameras, q8, q_scales, k8, k_scales, seen_v, queries, keys, heads,   \
                   head_dim);                                                                    \
  }                                                                                              \
  KERNEL_EXPORT(attention_int8_quantize_##dtype)

ATTENTION_INT8_QUANTIZE(half, f16)
ATTENTION_INT8_QUANTIZE(bf16, bf16)

// parameters, transform: what a kernel has and does for cameras, or nothing.
#define ATTENTION_INT8_TILE(name, dim, type, parameters, transform)                              \
  extern "C" __global__ void __launch_bounds__(Tile<dim, int8_t>::kThreads)                      \
      name(const int8_t *q, const float *q_scales, const int8_t *k, const float *k_scales,       \
           const type *v, type *out, int queries, int keys, int heads, int head_dim,             \
           float scale_log2 parameters) {                                                        \
    static_assert(kScaledKeys % Tile<dim, int8_t>::kKeys == 0, "a tile has one scale of keys");   \
    attention_tile<type, dim, int8_t>(                                                           \
        reinterpret_cast<const type *>(q), reinterpret_cast<const type *>(k), v, out, queries,   \
        keys, heads, head_dim, Int8Scales{q_scales, k_scales, heads, scale_log2}, transform);    \
  }                                                                                              \
  KERNEL_EXPORT(name)

#define ATTENTION_INT8_TILES(dim, type, dtype)                                                   \
  ATTENTION_INT8_TILE(attention_int8_d##dim##_##dtype, dim, type, , Untransformed())             \
  ATTENTION_INT8_TILE(attention_int8_cameras_d##dim##_##dtype, dim, type, CAMERA_PARAMETERS,     \
                      TO_IMAGES)

ATTENTION_INT8_TILES(64, half, f16)
ATTENTION_INT8_TILES(64, bf16, bf16)
ATTENTION_INT8_TILES(128, half, f16)
ATTENTION_INT8_TILES(128, bf16, bf16)
