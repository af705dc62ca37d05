// Layer norm of every row with weight and bias; see the contract LayerNorm. A team of threads for
// each row, as rows.cuh has it; bound by bytes: each element is read and written once.
#include "layer_norm.cuh"

template <typename T>
DEV void layer_norm(const T *x, const float *weight, const float *bias, float eps, T *out, int rows,
                    int columns, int team_threads) {
  __shared__ float scratch[kTeamScratch];
  const Team team(team_threads, scratch);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t at = int64_t(team.row) * columns;
  const Row<T> row(x + at, team, team.row < rows, 1, columns);
  const Moments of_row = moments(row, team, columns, eps);
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
    float factors[8];
    float summands[8];
    float results[8];
    chunk.load(weight, factors);
    chunk.load(bias, summands);
#pragma unroll
    for (int i = 0; i < 8; i++) {
      results[i] = fmaf(of_row.normalize(values[i]), factors[i], summands[i]);
    }
    chunk.store(out + at, results);
  });
}

#define LAYER_NORM(T, suffix)                                                                  \
  extern "C" __global__ void __launch_bounds__(kMostTeamThreads) layer_norm_##suffix(          \
      const T *x, const float *weight, const float *bias, float eps, T *out, int rows,         \
      int columns, int team_threads) {                                                         \
    layer_norm(x, weight, bias, eps, out, rows, columns, team_threads);                        \
  }                                                                                            \
  KERNEL_EXPORT(layer_norm_##suffix)

LAYER_NORM(float, f32)
LAYER_NORM(half, f16)
LAYER_NORM(bf16, bf16)
