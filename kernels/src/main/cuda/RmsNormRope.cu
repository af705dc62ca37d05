// Root-mean-square norm of a token's channels or of each head, then the rotation of its pairs; see
// the contract RmsNormRope. A row is what one mean square is taken over; a team of threads for each
// row, as rows.cuh has it. Bound by bytes: each element is read and written once.
#include "rms_norm.cuh"
#include "rope.cuh"

// weight:         may be null
// rows_per_angle: rows that turn by the same row of the table
// heads:          heads in a row
template <typename T>
DEV void rms_norm_rope(const T *x, const float *weight, float eps, const float *table, T *out,
                       int rows_per_angle, int pairs, int rows, int heads, int head_dim,
                       int team_threads) {
  __shared__ float scratch[kTeamScratch];
  const Team team(team_threads, scratch);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t at = int64_t(team.row) * heads * head_dim;
  const float *angles = table + int64_t(team.row / rows_per_angle) * pairs * 2;
  const Row<T> row(x + at, team, team.row < rows, heads, head_dim);
  const float root = root_mean_square(row, team, heads * head_dim, eps);
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
    float results[8];
    scale_chunk(chunk, values, root, weight, results);
    rotate(results, chunk.first, angles, pairs);
    chunk.store(out + at, results);
  });
}

#define RMS_NORM_ROPE(T, suffix)                                                               \
  extern "C" __global__ void __launch_bounds__(kMostTeamThreads) rms_norm_rope_##suffix(       \
      const T *x, const float *weight, float eps, const float *table, T *out,                  \
      int rows_per_angle, int pairs, int rows, int heads, int head_dim, int team_threads) {    \
    rms_norm_rope(x, weight, eps, table, out, rows_per_angle, pairs, rows, heads, head_dim,    \
                  team_threads);                                                               \
  }                                                                                            \
  KERNEL_EXPORT(rms_norm_rope_##suffix)

RMS_NORM_ROPE(float, f32)
RMS_NORM_ROPE(half, f16)
RMS_NORM_ROPE(bf16, bf16)
