// out = (1 - sigma) * clean + sigma * noise; see the contract AddNoise. Eight consecutive elements
// a thread; bound by bytes.
#include "eights.cuh"

extern "C" __global__ void __launch_bounds__(kEightsThreads)
    add_noise_f32(const float *clean, const float *noise, float *out, float sigma, int64_t count) {
  const float keep = 1.0f - sigma;
  // Both products are rounded before they are added, as in the reference.
  map_eights(clean, noise, out, count, [=](float x, float deviate) {
    return __fadd_rn(__fmul_rn(keep, x), __fmul_rn(sigma, deviate));
  });
}
KERNEL_EXPORT(add_noise_f32)
