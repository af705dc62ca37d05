// softmax(scale q k^T) v for every head, as the contract Attention defines it: q, out
// [queries, heads, head_dim], k, v [keys, heads, head_dim]; scale_log2 is the scale times log2(e).
//
// attention_d<D>_<dtype>, on tensor cores: head dims that are multiples of 8 and at most D, a
// positive scale, 16-byte aligned tensors. A block takes 16 queries of one head for each warp and
// walks through the keys in tiles; scores, weights and sums stay in registers. K and V have two
// buffers each: one is filled while the other is multiplied. Grid: (tiles of queries, heads, slices
// of columns); above 128 a block computes half of the columns of its output, because a thread has
// no registers for the sums of all. Bound by arithmetic: 4 queries keys head_dim flops a head.
//
// attention_<dtype>: any size, scale and alignment. A warp computes one row of the output; a block
// has up to four.
#include "online_softmax.cuh"

// What a block of the tensor core kernels works on at a time.
template <int kDim>
struct Tile {
  static constexpr int kWarps = kDim == 64 || kDim == 128 ? 8 : 4;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kQueries = 16 * kWarps;
  static constexpr int kKeys = kDim <= 128 ? 64 : kDim <= 256 ? 32 : 16;
  static constexpr int kColumns = kDim <= 128 ? kDim : kDim / 2;
  static constexpr bool kHoldQueries = kDim <= 128;
};

// Accumulators of 8 columns among those of a row of tiles.
template <int kElements>
DEV float (&accumulators(float (&elements)[kElements], int tile))[4] {
  return reinterpret_cast<float(&)[4]>(elements[4 * tile]);
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
// rest becomes zero.
template <typename T, int kRows, int kColumns, int kThreads>
DEV void load_tile(T *tile, const T *head, int64_t stride, int rows, int columns) {
  constexpr int kChunks = kColumns / 8;
  static_assert(kRows * kChunks % kThreads == 0, "every thread copies as much");
#pragma unroll
  for (int i = 0; i < kRows * kChunks / kThreads; i++) {
    const int index = i * kThreads + threadIdx.x;
    const int row = index / kChunks;
    const int chunk = index % kChunks;
    const bool present = row < rows && chunk * 8 < columns;
    const T *from = present ? head + row * stride + chunk * 8 : head;
    cp_async16(tile + place<kColumns>(row, chunk), from, present);
  }
}

// The queries of a warp at columns 16 step to 16 step + 15, as a left operand.
template <typename T, int kDim>
DEV void queries_operand(uint32_t (&operand)[4], const T *tile, int step) {
  const int lane = threadIdx.x % 32;
  const int row = threadIdx.x / 32 * 16 + lane % 16;
  ldmatrix_x4(operand, tile + place<kDim>(row, step * 2 + lane / 16));
}

// scores += queries keys^T at columns 16 step to 16 step + 15.
template <typename T, int kDim, int kScores>
DEV void add_products(float (&scores)[kScores], const uint32_t (&queries)[4], const T *keys,
                      int step) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int j = 0; j < kScores / 8; j++) {
    uint32_t b[4];
    const int row = j * 16 + lane / 16 * 8 + lane % 8;
    ldmatrix_x4(b, keys + place<kDim>(row, step * 2 + lane / 8 % 2));
    mma<T>(accumulators(scores, 2 * j), queries, b[0], b[1]);
    mma<T>(accumulators(scores, 2 * j + 1), queries, b[2], b[3]);
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

template <typename T, int kDim>
DEV void attention_tile(const T *q, const T *k, const T *v, T *out, int queries, int keys,
                        int heads, int head_dim, float scale_log2) {
  using Block = Tile<kDim>;
  constexpr int kKeys = Block::kKeys;
  constexpr int kColumns = Block::kColumns;
  constexpr int kThreads = Block::kThreads;
  constexpr int kSteps = kDim / 16;
  DYN_SMEM(T, query_tile);
  T *key_tiles = query_tile + Block::kQueries * kDim;
  T *value_tiles = key_tiles + 2 * kKeys * kDim;

  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = static_cast<int64_t>(blockIdx.y) * head_dim;
  const int first_query = blockIdx.x * Block::kQueries;
  const int first_column = blockIdx.z * kColumns;
  const int64_t place_of_queries = first_query * stride + head;
  const int tiles = (keys + kKeys - 1) / kKeys;

  const auto load_keys = [&](int t) {
    if (t < tiles) {
      load_tile<T, kKeys, kDim, kThreads>(key_tiles + t % 2 * kKeys * kDim,
                                          k + t * kKeys * stride + head, stride, keys - t * kKeys,
                                          head_dim);
    }
    cp_async_commit();
  };
  const auto load_values = [&](int t) {
    if (t < tiles) {
      load_tile<T, kKeys, kColumns, kThreads>(
          value_tiles + t % 2 * kKeys * kColumns, v + t * kKeys * stride + head + first_column,
          stride, keys - t * kKeys, head_dim - first_column);
    }
    cp_async_commit();
  };

  load_tile<T, Block::kQueries, kDim, kThreads>(query_tile, q + place_of_queries, stride,
                                               queries - first_query, head_dim);
  load_keys(0);
  load_values(0);

  uint32_t held[Block::kHoldQueries ? kSteps : 1][4];
  float sums[kColumns / 2] = {};
  OnlineSoftmax softmax;
  for (int t = 0; t < tiles; t++) {
    cp_async_wait<1>();
    __syncthreads();  // the keys are here, and nobody reads the tile before them any more
    load_keys(t + 1);
    if (Block::kHoldQueries && t == 0) {
#pragma unroll
      for (int step = 0; step < kSteps; step++) {
        queries_operand<T, kDim>(held[step % (sizeof held / sizeof held[0])], query_tile, step);
      }
    }
    float scores[kKeys / 2] = {};
#pragma unroll
    for (int step = 0; step < kSteps; step++) {
      uint32_t(&operand)[4] = held[Block::kHoldQueries ? step : 0];
      if (!Block::kHoldQueries) queries_operand<T, kDim>(operand, query_tile, step);
      add_products<T, kDim>(scores, operand, key_tiles + t % 2 * kKeys * kDim, step);
    }
    if ((t + 1) * kKeys > keys) mask_keys(scores, keys - t * kKeys);
    float shrink[2];
    add_scores(softmax, scores, scale_log2, shrink);
    scale_rows(sums, shrink);
    cp_async_wait<1>();
    __syncthreads();  // the same for the values
    load_values(t + 1);
    add_values<T, kColumns>(sums, scores, value_tiles + t % 2 * kKeys * kColumns);
  }
  average(softmax, sums);
  store_rows<T, kColumns>(out + place_of_queries + first_column, stride, sums,
                          queries - first_query, head_dim - first_column);
}

constexpr int kMostRows = 4;

// One row of the output: a lane computes the score of every 32nd key and sums every 32nd column.
// Shared memory: 2 head_dim floats for each warp.
template <typename T>
DEV void attention_row(const T *q, const T *k, const T *v, T *out, int queries, int keys, int heads,
                       int head_dim, float scale_log2) {
  DYN_SMEM(float, shared);
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int64_t item = static_cast<int64_t>(blockIdx.x) * (blockDim.x / 32) + warp;
  if (item >= static_cast<int64_t>(queries) * heads) return;
  const int64_t stride = static_cast<int64_t>(heads) * head_dim;
  const int64_t head = item / queries * head_dim;
  const int64_t row = item % queries * stride + head;
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
  extern "C" __global__ void __launch_bounds__(Tile<dim>::kThreads)                              \
      attention_d##dim##_##dtype(const type *q, const type *k, const type *v, type *out,         \
                                 int queries, int keys, int heads, int head_dim,                 \
                                 float scale_log2) {                                             \
    attention_tile<type, dim>(q, k, v, out, queries, keys, heads, head_dim, scale_log2);         \
  }                                                                                              \
  KERNEL_EXPORT(attention_d##dim##_##dtype)

#define ATTENTION_TILES(dim)       \
  ATTENTION_TILE(dim, half, f16)   \
  ATTENTION_TILE(dim, bf16, bf16)

ATTENTION_TILES(32)
ATTENTION_TILES(64)
ATTENTION_TILES(96)
ATTENTION_TILES(128)
ATTENTION_TILES(256)
ATTENTION_TILES(384)

#define ATTENTION_ROW(type, dtype)                                                               \
  extern "C" __global__ void __launch_bounds__(32 * kMostRows)                                   \
      attention_##dtype(const type *q, const type *k, const type *v, type *out, int queries,     \
                        int keys, int heads, int head_dim, float scale_log2) {                   \
    attention_row<type>(q, k, v, out, queries, keys, heads, head_dim, scale_log2);               \
  }                                                                                              \
  KERNEL_EXPORT(attention_##dtype)

ATTENTION_ROW(float, f32)
ATTENTION_ROW(half, f16)
ATTENTION_ROW(bf16, bf16)
