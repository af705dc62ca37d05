// Rounds rows to one byte an element, with a scale for each; see the contract QuantizeRows. A team of
// threads for each row, as rows.cuh has it; bound by bytes: each element is read once, and a byte
// written for it.
//
// Quotients and products are rounded as the reference rounds them, whatever the compiler would
// prefer: the results are the same bits.
#include "rows.cuh"

// A type of quantised values: the largest one, and how fp32 values up to that are rounded.
struct Int8 {
  static constexpr float kLimit = 127.0f;

  static DEV uint32_t round(float value) {
    // Here fp32 values lie a distance of one apart.
    constexpr float kRoundInteger = 12582912.0f;
    return __float_as_uint(__fadd_rn(value, kRoundInteger)) & 0xff;
  }
};

struct E4m3 {
  static constexpr float kLimit = 448.0f;

  // There are instructions for it on compute capability 8.9 and newer only.
  static DEV uint32_t round(float value) {
    constexpr int kDroppedBits = 20;
    constexpr uint32_t kRebias = (127 - 7) << 3;
    constexpr float kMinNormal = 0.015625f;
    // Here fp32 values lie as far apart as subnormal ones of E4M3, 2^-9.
    constexpr float kRoundSubnormal = 16384.0f;
    const uint32_t bits = __float_as_uint(value);
    const uint32_t magnitude = bits & 0x7fffffffu;
    const uint32_t sign = bits >> 24 & 0x80u;
    if (fabsf(value) < kMinNormal) {
      const float rounded = __fadd_rn(fabsf(value), kRoundSubnormal);
      return sign | (__float_as_uint(rounded) - __float_as_uint(kRoundSubnormal));
    }
    const uint32_t odd = magnitude >> kDroppedBits & 1;
    const uint32_t half = (1u << (kDroppedBits - 1)) - 1 + odd;
    return sign | (((magnitude + half) >> kDroppedBits) - kRebias);
  }
};

// The magnitude of a value, infinite for NaN.
DEV float magnitude_of(float value) {
  const float magnitude = fabsf(value);
  return magnitude < INFINITY ? magnitude : INFINITY;
}

// Stores the bytes of a chunk, together where the address allows it.
DEV void store_bytes(const Chunk &chunk, uint8_t *row, const uint32_t (&bytes)[8]) {
  uint8_t *to = row + chunk.first;
  if (chunk.size() == 8 && reinterpret_cast<uintptr_t>(to) % 8 == 0) {
    const uint32_t low = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24;
    const uint32_t high = bytes[4] | bytes[5] << 8 | bytes[6] << 16 | bytes[7] << 24;
    *reinterpret_cast<uint2 *>(to) = make_uint2(low, high);
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++) {
    if (i < chunk.size()) to[i] = uint8_t(bytes[i]);
  }
}

template <typename To, typename T>
DEV void quantize_rows(const T *x, uint8_t *values, float *scales, int rows, int columns,
                       int team_threads) {
  __shared__ float scratch[kTeamScratch];
  const Team team(team_threads, scratch);
  const bool exists = team.row < rows;
  const int64_t at = int64_t(team.row) * columns;
  const Row<T> row(x + at, team, exists, 1, columns);
  float largest = 0.0f;
  row.for_each([&](const Chunk &, const float(&elements)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) largest = fmaxf(largest, magnitude_of(elements[i]));
  });
  largest = team.max(largest);

  // Infinite for a row of zeros, or next to that; zero for one that is not finite.
  const float factor = __fdiv_rn(To::kLimit, largest);
  const bool scaled = factor > 0.0f && factor < INFINITY;
  if (exists && team.thread == 0) {
    const float unscaled = factor > 0.0f ? 0.0f : NAN;
    scales[team.row] = scaled ? __fdiv_rn(largest, To::kLimit) : unscaled;
  }
  row.for_each([&](const Chunk &chunk, const float(&elements)[8]) {
    uint32_t bytes[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
      bytes[i] = scaled ? To::round(__fmul_rn(elements[i], factor)) : 0;
    }
    store_bytes(chunk, values + at, bytes);
  });
}

#define QUANTIZE_ROWS(To, to, T, suffix)                                                      \
  extern "C" __global__ void __launch_bounds__(kMostTeamThreads)                              \
      quantize_rows_##to##_##suffix(const T *x, uint8_t *values, float *scales, int rows,     \
                                    int columns, int team_threads) {                          \
    quantize_rows<To>(x, values, scales, rows, columns, team_threads);                        \
  }                                                                                           \
  KERNEL_EXPORT(quantize_rows_##to##_##suffix)

#define QUANTIZE_ROWS_TO(To, to)      \
  QUANTIZE_ROWS(To, to, float, f32)   \
  QUANTIZE_ROWS(To, to, half, f16)    \
  QUANTIZE_ROWS(To, to, bf16, bf16)

QUANTIZE_ROWS_TO(Int8, i8)
QUANTIZE_ROWS_TO(E4m3, f8_e4m3)
