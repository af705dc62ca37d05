// Layer norm of every token, then scale and shift of its frame; see the contract LayerNormModulate.
// A team of threads for each token, as rows.cuh has it; bound by bytes: each element is read and
// written once.
#include "layer_norm.cuh"

template <typename T>
DEV void layer_norm_modulate(const T *x, const float *shift, const float *scale, float eps, T *out,
                             int tokens_per_frame, int tokens, int channels, int team_threads) {
  __shared__ float scratch[kTeamScratch];
  const Team team(team_threads, scratch);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t at = int64_t(team.row) * channels;
  const int64_t frame = int64_t(team.row / tokens_per_frame) * channels;
  const Row<T> row(x + at, team, team.row < tokens, 1, channels);
  const Moments of_row = moments(row, team, channels, eps);
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
    float factors[8];
    float summands[8];
    float results[8];
    chunk.load(scale + frame, factors);
    chunk.load(shift + frame, summands);
#pragma unroll
    for (int i = 0; i < 8; i++) {
      results[i] = fmaf(of_row.normalize(values[i]), 1.0f + factors[i], summands[i]);
    }
    chunk.store(out + at, results);
  });
}

#define LAYER_NORM_MODULATE(T, suffix)                                                          \
  extern "C" __global__ void __launch_bounds__(kMostTeamThreads) layer_norm_modulate_##suffix(  \
      const T *x, const float *shift, const float *scale, float eps, T *out,                    \
      int tokens_per_frame, int tokens, int channels, int team_threads) {                       \
    layer_norm_modulate(x, shift, scale, eps, out, tokens_per_frame, tokens, channels,          \
                        team_threads);                                                          \
  }                                                                                             \
  KERNEL_EXPORT(layer_norm_modulate_##suffix)

LAYER_NORM_MODULATE(float, f32)
LAYER_NORM_MODULATE(half, f16)
LAYER_NORM_MODULATE(bf16, bf16)
