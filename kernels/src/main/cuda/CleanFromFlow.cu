// out = noisy - sigma * flow in double precision; see the contract CleanFromFlow. Eight consecutive
// elements a thread; bound by bytes.
#include "eights.cuh"

extern "C" __global__ void __launch_bounds__(kEightsThreads)
    clean_from_flow_f32(const float *noisy, const float *flow, float *out, double sigma,
                        int64_t count) {
  // The product is rounded before it is subtracted, as in the reference.
  map_eights(noisy, flow, out, count,
             [=](float x, float velocity) { return float(x - __dmul_rn(sigma, velocity)); });
}
KERNEL_EXPORT(clean_from_flow_f32)
