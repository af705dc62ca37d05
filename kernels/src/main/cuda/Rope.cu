// Rotary position embedding; see the contract Rope. A thread takes eight consecutive channels of a
// head, or as many of each half where these are the pairs, so no pair is torn; bound by bytes: each
// element is read and written once.
#include "rope.cuh"

// tokens_per_angle: tokens that turn by the same row of the table
// chunks:           eights in all heads of all tokens
template <typename T>
DEV void rope(const T *x, const float *table, T *out, int tokens_per_angle, int pairs, int heads,
              int head_dim, int64_t chunks) {
  wait_for_previous_kernel();
  admit_next_kernel();
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

// The same for pairs of halves: the first eights of a head are pairs, those behind them channels
// that stay.
template <typename T>
DEV void rope_halves(const T *x, const float *table, T *out, int tokens_per_angle, int pairs,
                     int heads, int head_dim, int64_t chunks) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t chunk = int64_t(blockIdx.x) * kEightsThreads + threadIdx.x;
  if (chunk >= chunks) return;
  const int pair_chunks = (pairs + 7) / 8;
  const int rest = head_dim - 2 * pairs;
  const int head_chunks = pair_chunks + (rest + 7) / 8;
  const int64_t head = chunk / head_chunks;
  const int number = int(chunk - head * head_chunks);
  const int64_t at = head * head_dim;
  float values[8];
  if (number >= pair_chunks) {
    const int first = (number - pair_chunks) * 8;
    load_eight(x + at + 2 * pairs, first, rest, values);
    store_eight(out + at + 2 * pairs, first, rest, values);
    return;
  }
  const int first = number * 8;
  const float *angles = table + head / heads / tokens_per_angle * pairs * 2;
  float others[8];
  load_eight(x + at, first, pairs, values);
  load_eight(x + at + pairs, first, pairs, others);
#pragma unroll
  for (int i = 0; i < 8; i++) {
    if (first + i >= pairs) continue;
    const float a = values[i];
    const float b = others[i];
    const float cosine = angles[2 * (first + i)];
    const float sine = angles[2 * (first + i) + 1];
    values[i] = a * cosine - b * sine;
    others[i] = b * cosine + a * sine;
  }
  store_eight(out + at, first, pairs, values);
  store_eight(out + at + pairs, first, pairs, others);
}

#define ROPE(name, T, suffix)                                                                 \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)                                \
      name##_##suffix(const T *x, const float *table, T *out, int tokens_per_angle, int pairs, \
                      int heads, int head_dim, int64_t chunks) {                              \
    name(x, table, out, tokens_per_angle, pairs, heads, head_dim, chunks);                    \
  }                                                                                           \
  KERNEL_EXPORT(name##_##suffix)

ROPE(rope, float, f32)
ROPE(rope, half, f16)
ROPE(rope, bf16, bf16)
ROPE(rope_halves, float, f32)
ROPE(rope_halves, half, f16)
ROPE(rope_halves, bf16, bf16)
