// Attention over time at every position and head, as the contract TemporalAttention defines it:
// q, out [frames, items, head_dim], k, v [key_frames, items, head_dim], where an item is a head at
// a position; scale_log2 is the scale times log2(e). A query frame sees the key frames but the last
// `hidden`, of which each frame after it hides one less: none, or frames - 1 for causal attention. For
// head dims that are multiples of 8 and at
// most 8 `lanes`, and 16-byte aligned tensors.
//
// A power of two of lanes holds an item, eight columns each; four queries share a pass over the
// keys, so that keys and values are read once for up to four query frames. Grid: (items, groups of
// four queries). Bound by memory: (2 frames + 2 key_frames) items head_dim elements.
#include "tile.cuh"

// Queries that a pass over the keys serves.
constexpr int kQueries = 4;

// Both numbers are known to the launcher too.
constexpr int kThreads = 256;

// Sum over the lanes of an item, a power of two; the order is fixed.
DEV void sum_over_lanes(float (&values)[kQueries], int lanes) {
  for (int bits = lanes / 2; bits > 0; bits /= 2) {
#pragma unroll
    for (int i = 0; i < kQueries; i++) values[i] += __shfl_xor_sync(kFullWarp, values[i], bits);
  }
}

template <typename T>
DEV void temporal_attention(const T *q, const T *k, const T *v, T *out, int frames, int key_frames,
                            int hidden, int64_t items, int head_dim, int lanes,
                            float scale_log2) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t item = thread / lanes;
  const int column = threadIdx.x % lanes * 8;
  const int first = blockIdx.y * kQueries;
  const int queries = min(kQueries, frames - first);
  // Lanes without a share take part in the sums, with zeros.
  const bool present = item < items && column < head_dim;
  const int64_t frame = items * head_dim;
  const int64_t offset = item * head_dim + column;

  float query[kQueries][8] = {};
  float sums[kQueries][8] = {};
  float max[kQueries];
  float sum[kQueries] = {};
#pragma unroll
  for (int i = 0; i < kQueries; i++) {
    max[i] = -INFINITY;
    if (present && i < queries) load8(q + (first + i) * frame + offset, query[i]);
  }
  // What the last query of the pass sees; those before it see `step` less each.
  const int step = hidden > 0 ? 1 : 0;
  const int visible = key_frames - hidden + step * (first + queries - 1);
  for (int j = 0; j < visible; j++) {
    float key[8] = {};
    float value[8] = {};
    if (present) {
      load8(k + j * frame + offset, key);
      load8(v + j * frame + offset, value);
    }
    float score[kQueries] = {};
#pragma unroll
    for (int i = 0; i < kQueries; i++) {
#pragma unroll
      for (int e = 0; e < 8; e++) score[i] = fmaf(query[i][e], key[e], score[i]);
    }
    sum_over_lanes(score, lanes);
#pragma unroll
    for (int i = 0; i < kQueries; i++) {
      if (j >= visible - step * (queries - 1 - i)) continue;  // all lanes alike
      const float scaled = score[i] * scale_log2;
      const float higher = fmaxf(max[i], scaled);
      const float shrink = exp2f(max[i] - higher);
      const float weight = exp2f(scaled - higher);
      max[i] = higher;
      sum[i] = fmaf(sum[i], shrink, weight);
#pragma unroll
      for (int e = 0; e < 8; e++) sums[i][e] = fmaf(weight, value[e], sums[i][e] * shrink);
    }
  }
#pragma unroll
  for (int i = 0; i < kQueries; i++) {
    if (present && i < queries) {
      const float factor = 1 / sum[i];
#pragma unroll
      for (int e = 0; e < 8; e++) sums[i][e] *= factor;
      store8(out + (first + i) * frame + offset, sums[i]);
    }
  }
}

#define TEMPORAL_ATTENTION(type, dtype)                                                           \
  extern "C" __global__ void __launch_bounds__(kThreads)                                          \
      temporal_attention_##dtype(const type *q, const type *k, const type *v, type *out,          \
                                 int frames, int key_frames, int hidden, int64_t items,           \
                                 int head_dim, int lanes, float scale_log2) {                     \
    temporal_attention<type>(q, k, v, out, frames, key_frames, hidden, items, head_dim, lanes,    \
                             scale_log2);                                                         \
  }                                                                                               \
  KERNEL_EXPORT(temporal_attention_##dtype)

TEMPORAL_ATTENTION(float, f32)
TEMPORAL_ATTENTION(half, f16)
TEMPORAL_ATTENTION(bf16, bf16)
