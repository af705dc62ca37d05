// Root-mean-square norm of every row; see the contract RmsNorm. A team of threads for each row, as
// rows.cuh has it; bound by bytes: each element is read and written once.
#include "rms_norm.cuh"

// weight: may be null
template <typename T>
DEV void rms_norm(const T *x, const float *weight, float eps, T *out, int rows, int columns,
                  int team_threads) {
  __shared__ float scratch[kTeamScratch];
  const Team team(team_threads, scratch);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t at = int64_t(team.row) * columns;
  const Row<T> row(x + at, team, team.row < rows, 1, columns);
  const float root = root_mean_square(row, team, columns, eps);
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
    float results[8];
    scale_chunk(chunk, values, root, weight, results);
    chunk.store(out + at, results);
  });
}

#define RMS_NORM(T, suffix)                                                                   \
  extern "C" __global__ void __launch_bounds__(kMostTeamThreads)                              \
      rms_norm_##suffix(const T *x, const float *weight, float eps, T *out, int rows,         \
                        int columns, int team_threads) {                                      \
    rms_norm(x, weight, eps, out, rows, columns, team_threads);                               \
  }                                                                                           \
  KERNEL_EXPORT(rms_norm_##suffix)

RMS_NORM(float, f32)
RMS_NORM(half, f16)
RMS_NORM(bf16, bf16)
