// Rounds rows to one byte an element, with a scale for each; see the contract QuantizeRows. A team of
// threads for each row, as rows.cuh has it; bound by bytes: each element is read once, and a byte
// written for it.
#include "quantize.cuh"
#include "rows.cuh"

// Stores the bytes of a chunk, together where the address allows it.
DEV void store_bytes(const Chunk &chunk, uint8_t *row, const uint32_t (&bytes)[8]) {
  uint8_t *to = row + chunk.first;
  if (chunk.size() == 8 && reinterpret_cast<uintptr_t>(to) % 8 == 0) {
    *reinterpret_cast<uint2 *>(to) = pack_bytes(bytes);
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
  wait_for_previous_kernel();
  admit_next_kernel();
  const bool exists = team.row < rows;
  const int64_t at = int64_t(team.row) * columns;
  const Row<T> row(x + at, team, exists, 1, columns);
  float largest = 0.0f;
  row.for_each([&](const Chunk &, const float(&elements)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) largest = fmaxf(largest, magnitude_of(elements[i]));
  });
  largest = team.max(largest);

  const Rounding<To> rounding(largest);
  if (exists && team.thread == 0) scales[team.row] = rounding.scale;
  row.for_each([&](const Chunk &chunk, const float(&elements)[8]) {
    uint32_t bytes[8];
#pragma unroll
    for (int i = 0; i < 8; i++) bytes[i] = rounding.of(elements[i]);
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
