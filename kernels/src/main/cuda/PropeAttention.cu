// Attention between transformed queries and keys, as the contract PropeAttention defines it: q, out
// [queries, heads, head_dim], k, v [keys, heads, head_dim], image_from_world [frames of queries, 4,
// 4], world_from_image [frames of keys, 4, 4]; scale_log2 is the scale times log2(e). A frame has
// queries_per_frame queries or keys_per_frame keys; those of keys begin behind plain_keys, which
// are not transformed.
//
// prope_attention_d<D>_<dtype>, on tensor cores: attention_tile.cuh. A thread transforms the eight
// channels that it copied to shared memory in place, rounding them to the dtype, before the barrier
// that the copy needs anyway; averages are transformed in registers. Matrices are 16-byte aligned.
//
// prope_attention_<dtype>: any size, scale and alignment. A warp computes one row of the output,
// all in fp32; a block has up to four.
#include "attention_tile.cuh"

constexpr int kGroup = 4;  // channels that a matrix multiplies at once

// A 4x4 matrix in registers.
struct Matrix {
  float at[kGroup][kGroup];
};

// The matrix of a frame; its address is a multiple of 16 bytes.
DEV Matrix load_matrix(const float *matrices, int frame) {
  Matrix matrix;
#pragma unroll
  for (int i = 0; i < kGroup; i++) {
    const float4 row = reinterpret_cast<const float4 *>(matrices)[frame * kGroup + i];
    matrix.at[i][0] = row.x;
    matrix.at[i][1] = row.y;
    matrix.at[i][2] = row.z;
    matrix.at[i][3] = row.w;
  }
  return matrix;
}

template <bool kTranspose>
DEV void transform_eight(const Matrix &matrix, float (&values)[8]) {
#pragma unroll
  for (int first = 0; first < 8; first += kGroup) {
    float out[kGroup];
#pragma unroll
    for (int i = 0; i < kGroup; i++) {
      out[i] = 0;
#pragma unroll
      for (int j = 0; j < kGroup; j++) {
        const float factor = kTranspose ? matrix.at[j][i] : matrix.at[i][j];
        out[i] = fmaf(factor, values[first + j], out[i]);
      }
    }
#pragma unroll
    for (int i = 0; i < kGroup; i++) values[first + i] = out[i];
  }
}

// Transforms what load_tile copied for this thread of a tile that starts at row `first` of `count`,
// of which the first `plain` stay as they are.
template <bool kTranspose, typename T, int kRows, int kColumns, int kThreads>
DEV void transform_tile(T *tile, const float *matrices, int plain, int rows_per_frame, int first,
                        int count) {
  constexpr int kChunks = kColumns / 8;
#pragma unroll 1
  for (int index = threadIdx.x; index < kRows * kChunks; index += kThreads) {
    const int row = index / kChunks;
    if (first + row >= count) break;
    if (first + row < plain) continue;
    const Matrix matrix = load_matrix(matrices, (first + row - plain) / rows_per_frame);
    T *chunk = tile + place<kColumns>(row, index % kChunks);
    float values[8];
    load8(chunk, values);
    transform_eight<kTranspose>(matrix, values);
    store8(chunk, values);
  }
}

struct Cameras {
  const float *image_from_world;
  const float *world_from_image;
  int queries_per_frame;
  int keys_per_frame;
  int plain_keys;

  // The matrix of a key that belongs to a frame.
  DEV const float *of_key(int key) const {
    return world_from_image + (key - plain_keys) / keys_per_frame * kGroup * kGroup;
  }

  template <typename T, int kRows, int kColumns, int kThreads>
  DEV void queries(T *tile, int first, int count) const {
    transform_tile<true, T, kRows, kColumns, kThreads>(tile, image_from_world, 0, queries_per_frame,
                                                       first, count);
  }

  template <typename T, int kRows, int kColumns, int kThreads>
  DEV void keys(T *tile, int first, int count) const {
    transform_tile<false, T, kRows, kColumns, kThreads>(tile, world_from_image, plain_keys,
                                                        keys_per_frame, first, count);
  }

  // A thread holds two channels of a group of its two rows, its neighbour the others.
  template <int kSums>
  DEV void averages(float (&sums)[kSums], int first_query, int count) const {
    const int lane = threadIdx.x % 32;
    const bool upper = lane % 2 != 0;
#pragma unroll
    for (int r = 0; r < 2; r++) {
      const int query = first_query + threadIdx.x / 32 * 16 + lane / 4 + 8 * r;
      const int frame = min(query, count - 1) / queries_per_frame;
      const float4 *rows =
          reinterpret_cast<const float4 *>(image_from_world) + frame * kGroup + (upper ? 2 : 0);
      const float4 row0 = rows[0];
      const float4 row1 = rows[1];
#pragma unroll
      for (int e = 2 * r; e < kSums; e += 4) {
        const float other0 = __shfl_xor_sync(kFullWarp, sums[e], 1);
        const float other1 = __shfl_xor_sync(kFullWarp, sums[e + 1], 1);
        const float x0 = upper ? other0 : sums[e];
        const float x1 = upper ? other1 : sums[e + 1];
        const float x2 = upper ? sums[e] : other0;
        const float x3 = upper ? sums[e + 1] : other1;
        sums[e] = fmaf(row0.w, x3, fmaf(row0.z, x2, fmaf(row0.y, x1, row0.x * x0)));
        sums[e + 1] = fmaf(row1.w, x3, fmaf(row1.z, x2, fmaf(row1.y, x1, row1.x * x0)));
      }
    }
  }
};

constexpr int kMostRows = 4;

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
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int64_t item = static_cast<int64_t>(blockIdx.x) * (blockDim.x / 32) + warp;
  if (item >= static_cast<int64_t>(queries) * heads) return;
  constexpr int kElements = kGroup * kGroup;
  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = item / queries * head_dim;
  const int query_row = static_cast<int>(item % queries);
  const int64_t row = query_row * stride + head;
  const float *of_query =
      cameras.image_from_world + query_row / cameras.queries_per_frame * kElements;
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

#define PROPE_ATTENTION_TILE(dim, type, dtype)                                                   \
  extern "C" __global__ void __launch_bounds__(Tile<dim>::kThreads, 1)                           \
      prope_attention_d##dim##_##dtype(                                                          \
          const type *q, const type *k, const type *v, const float *image_from_world,            \
          const float *world_from_image, type *out, int queries, int keys, int heads,            \
          int head_dim, int queries_per_frame, int keys_per_frame, int plain_keys,               \
          float scale_log2) {                                                                    \
    const Cameras cameras = {image_from_world, world_from_image, queries_per_frame,              \
                             keys_per_frame, plain_keys};                                        \
    attention_tile<type, dim>(q, k, v, out, queries, keys, heads, head_dim, scale_log2,          \
                              cameras);                                                          \
  }                                                                                              \
  KERNEL_EXPORT(prope_attention_d##dim##_##dtype)

#define PROPE_ATTENTION_TILES(dim)     \
  PROPE_ATTENTION_TILE(dim, half, f16) \
  PROPE_ATTENTION_TILE(dim, bf16, bf16)

PROPE_ATTENTION_TILES(32)
PROPE_ATTENTION_TILES(64)
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
