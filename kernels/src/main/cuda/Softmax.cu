// Softmax of every row; see the contract Softmax. A team of threads for each row, as rows.cuh has
// it. Exponential functions are computed twice, for the sum and for the result, which is cheaper
// than keeping them; bound by bytes: each element is read and written once.
#include "rows.cuh"

template <typename T>
DEV void softmax(const T *x, T *out, int rows, int columns, int team_threads) {
  __shared__ float scratch[kTeamScratch];
  const Team team(team_threads, scratch);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t at = int64_t(team.row) * columns;
  const Row<T> row(x + at, team, team.row < rows, 1, columns);
  float largest = -INFINITY;
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (i < chunk.size()) largest = fmaxf(largest, values[i]);
    }
  });
  largest = team.max(largest);
  float sum = 0.0f;
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (i < chunk.size()) sum += expf(values[i] - largest);
    }
  });
  sum = team.sum(sum);
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
    float results[8];
#pragma unroll
    for (int i = 0; i < 8; i++) results[i] = expf(values[i] - largest) / sum;
    chunk.store(out + at, results);
  });
}

#define SOFTMAX(T, suffix)                                                                  \
  extern "C" __global__ void __launch_bounds__(kMostTeamThreads)                            \
      softmax_##suffix(const T *x, T *out, int rows, int columns, int team_threads) {       \
    softmax(x, out, rows, columns, team_threads);                                           \
  }                                                                                         \
  KERNEL_EXPORT(softmax_##suffix)

SOFTMAX(float, f32)
SOFTMAX(half, f16)
SOFTMAX(bf16, bf16)
