// Cosines and sines of the timesteps; see the contract TimestepEmbedding. One angle a thread, in
// double precision: a few hundred for each frame, so the launch takes longer than the arithmetic.
#include "tile.cuh"

constexpr int kThreads = 256;
constexpr double kBase = 10000.0;

// half:  angles of a timestep
// count: angles of all timesteps
extern "C" __global__ void __launch_bounds__(kThreads)
    timestep_embedding_f32(const float *timesteps, float *out, int half, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t timestep = i / half;
  const int k = int(i - timestep * half);
  const double angle = timesteps[timestep] * pow(kBase, -double(k) / half);
  float *row = out + timestep * 2 * half;
  row[k] = float(cos(angle));
  row[half + k] = float(sin(angle));
}
KERNEL_EXPORT(timestep_embedding_f32)
