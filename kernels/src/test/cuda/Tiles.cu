// Small kernels that use one primitive of tile.cuh each, on one warp unless they say otherwise. Their
// results are compared with what the comments of tile.cuh promise, emulated and on a GPU.
#include "tile.cuh"

// Rounds to T and back.
template <typename T>
DEV void round_trip(const float *x, float *out, int count) {
  const int i = blockIdx.x * 32 + threadIdx.x;
  if (i < count) out[i] = to_float(from_float<T>(x[i]));
}

// Doubles eight elements in each thread.
template <typename T>
DEV void double_eights(const T *x, T *out) {
  float values[8];
  load8(x + 8 * threadIdx.x, values);
  for (int i = 0; i < 8; i++) values[i] *= 2.0f;
  store8(out + 8 * threadIdx.x, values);
}

// Copies words to shared memory, kWords in each thread, every third thread clearing its own instead,
// and stores the words of the opposite thread.
template <int kWords>
DEV void copy_async(const uint32_t *x, uint32_t *out) {
  __shared__ __align__(16) uint32_t words[32 * kWords];
  uint32_t *to = words + kWords * threadIdx.x;
  const uint32_t *from = x + kWords * threadIdx.x;
  const bool present = threadIdx.x % 3 != 0;
  if (kWords == 4) cp_async16(to, from, present);
  if (kWords == 2) cp_async8(to, from, present);
  if (kWords == 1) cp_async4(to, from, present);
  cp_async_commit();
  cp_async_wait<0>();
  __syncthreads();
  const uint32_t *opposite = words + kWords * (31 - threadIdx.x);
  for (int i = 0; i < kWords; i++) out[kWords * threadIdx.x + i] = opposite[i];
}

// Loads four matrices of 8 x 8, given one after the other, as fragments of four words in each lane.
DEV void load_matrices(const uint16_t *x, uint32_t *out, bool four, bool transposed) {
  __shared__ __align__(16) uint16_t rows[32][8];
  for (int i = 0; i < 8; i++) rows[threadIdx.x][i] = x[8 * threadIdx.x + i];
  __syncthreads();
  uint32_t words[4] = {};
  uint32_t pair[2];
  if (four && transposed) ldmatrix_x4_trans(words, rows[threadIdx.x]);
  if (four && !transposed) ldmatrix_x4(words, rows[threadIdx.x]);
  if (!four) {
    if (transposed) {
      ldmatrix_x2_trans(pair, rows[threadIdx.x % 16]);
    } else {
      ldmatrix_x2(pair, rows[threadIdx.x % 16]);
    }
    words[0] = pair[0];
    words[1] = pair[1];
  }
  for (int i = 0; i < 4; i++) out[4 * threadIdx.x + i] = words[i];
}

DEV uint32_t two(const uint16_t *from, int step) { return from[0] | uint32_t(from[step]) << 16; }

// d [16][8] += a [16][16] b [16][8], the fragments being collected element by element.
template <typename T>
DEV void multiply(const uint16_t *a, const uint16_t *b, float *d) {
  const int group = threadIdx.x / 4;
  const int pair = threadIdx.x % 4 * 2;
  uint32_t fragment[4];
  float sums[4];
  for (int i = 0; i < 4; i++) {
    fragment[i] = two(a + (group + i % 2 * 8) * 16 + pair + i / 2 * 8, 1);
    sums[i] = d[(group + i / 2 * 8) * 8 + pair + i % 2];
  }
  const uint32_t b0 = two(b + pair * 8 + group, 8);
  const uint32_t b1 = two(b + (pair + 8) * 8 + group, 8);
  mma<T>(sums, fragment, b0, b1);
  for (int i = 0; i < 4; i++) d[(group + i / 2 * 8) * 8 + pair + i % 2] = sums[i];
}

DEV uint32_t four(const uint8_t *from, int step) {
  return from[0] | uint32_t(from[step]) << 8 | uint32_t(from[2 * step]) << 16 |
         uint32_t(from[3 * step]) << 24;
}

// d [16][8] += a [16][32] b [32][8] of int8.
DEV void multiply_bytes(const uint8_t *a, const uint8_t *b, int *d) {
  const int group = threadIdx.x / 4;
  const int four_of_lane = threadIdx.x % 4 * 4;
  const int pair = threadIdx.x % 4 * 2;
  uint32_t fragment[4];
  int sums[4];
  for (int i = 0; i < 4; i++) {
    fragment[i] = four(a + (group + i % 2 * 8) * 32 + four_of_lane + i / 2 * 16, 1);
    sums[i] = d[(group + i / 2 * 8) * 8 + pair + i % 2];
  }
  const uint32_t b0 = four(b + four_of_lane * 8 + group, 8);
  const uint32_t b1 = four(b + (four_of_lane + 16) * 8 + group, 8);
  mma<int8_t>(sums, fragment, b0, b1);
  for (int i = 0; i < 4; i++) d[(group + i / 2 * 8) * 8 + pair + i % 2] = sums[i];
}

// Every thread's sum and maximum over its warp, then over the block of 96 threads, twice in a row.
extern "C" __global__ void __launch_bounds__(96) reductions(const float *x, float *out) {
  __shared__ float scratch[3];
  wait_for_previous_kernel();
  const float value = x[threadIdx.x];
  float *results = out + 6 * threadIdx.x;
  results[0] = warp_sum(value);
  results[1] = warp_max(value);
  results[2] = block_sum<96>(value, scratch);
  results[3] = block_max<96>(value, scratch);
  results[4] = block_sum<96>(2.0f * value, scratch);
  results[5] = block_max<96>(-value, scratch);
}
KERNEL_EXPORT(reductions)

#define WARP_KERNEL(name, parameters, call)                          \
  extern "C" __global__ void __launch_bounds__(32) name parameters { \
    wait_for_previous_kernel();                                      \
    call;                                                            \
  }                                                                  \
  KERNEL_EXPORT(name)

WARP_KERNEL(round_trip_f32, (const float *x, float *out, int count), round_trip<float>(x, out, count))
WARP_KERNEL(round_trip_f16, (const float *x, float *out, int count), round_trip<half>(x, out, count))
WARP_KERNEL(round_trip_bf16, (const float *x, float *out, int count), round_trip<bf16>(x, out, count))

WARP_KERNEL(double_eights_f32, (const float *x, float *out), double_eights(x, out))
WARP_KERNEL(double_eights_f16, (const half *x, half *out), double_eights(x, out))
WARP_KERNEL(double_eights_bf16, (const bf16 *x, bf16 *out), double_eights(x, out))

WARP_KERNEL(copy_async_16, (const uint32_t *x, uint32_t *out), copy_async<4>(x, out))
WARP_KERNEL(copy_async_8, (const uint32_t *x, uint32_t *out), copy_async<2>(x, out))
WARP_KERNEL(copy_async_4, (const uint32_t *x, uint32_t *out), copy_async<1>(x, out))

WARP_KERNEL(load_x4, (const uint16_t *x, uint32_t *out), load_matrices(x, out, true, false))
WARP_KERNEL(load_x4_trans, (const uint16_t *x, uint32_t *out), load_matrices(x, out, true, true))
WARP_KERNEL(load_x2, (const uint16_t *x, uint32_t *out), load_matrices(x, out, false, false))
WARP_KERNEL(load_x2_trans, (const uint16_t *x, uint32_t *out), load_matrices(x, out, false, true))

WARP_KERNEL(multiply_f16, (const uint16_t *a, const uint16_t *b, float *d), multiply<half>(a, b, d))
WARP_KERNEL(multiply_bf16, (const uint16_t *a, const uint16_t *b, float *d), multiply<bf16>(a, b, d))
WARP_KERNEL(multiply_int8, (const uint8_t *a, const uint8_t *b, int *d), multiply_bytes(a, b, d))
