// out = noisy - sigma * velocity in double precision; see the contract VelocityToClean. Eight consecutive
// elements a thread; bound by bytes.
#include "eights.cuh"

extern "C" __global__ void __launch_bounds__(kEightsThreads)
    velocity_to_clean_f32(const float *noisy, const float *velocity, float *out, double sigma,
                          int64_t count) {
  // The product is rounded before it is subtracted, as in the reference.
  map_eights(noisy, velocity, out, count,
             [=](float x, float v) { return float(x - __dmul_rn(sigma, v)); });
}
KERNEL_EXPORT(velocity_to_clean_f32)
