// Rotary position embedding; see the contract Rope. A thread takes eight consecutive channels of a
// head, so no pair is torn; bound by bytes: each element is read and written once.
#include "rope.cuh"

// tokens_per_angle: tokens that turn by the same row of the table
// chunks:           eights in all heads of all tokens
template <typename T>
DEV void rope(const T *x, const float *table, T *out, int tokens_per_angle, int pairs, int heads,
              int head_dim, int64_t chunks) {
  const int64_t chunk = int64_t(blockIdx.x) * kEightsThreads + threadIdx.x;
  if (chunk >= chunks) return;
  const int head_chunks = (head_dim + 7) / 8;
  const int64_t head = chunk / head_chunks;
  const int first = int(chunk - head * head_chunks) * 8;
  const int64_t token = head / heads;
  const int64_t at = head * head_dim;
  float values[8];
  load_eight(x + at, first, head_dim, values);
  rotate(values, first, table + token / tokens_per_angle * pairs * 2, pairs);
  store_eight(out + at, first, head_dim, values);
}

#define ROPE(T, suffix)                                                                       \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)                                \
      rope_##suffix(const T *x, const float *table, T *out, int tokens_per_angle, int pairs,  \
                    int heads, int head_dim, int64_t chunks) {                                \
    rope(x, table, out, tokens_per_angle, pairs, heads, head_dim, chunks);                    \
  }                                                                                           \
  KERNEL_EXPORT(rope_##suffix)

ROPE(float, f32)
ROPE(half, f16)
ROPE(bf16, bf16)
