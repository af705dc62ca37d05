// out = limit tanh(x / limit); see the contract SoftClamp. Eight consecutive elements a thread. The
// launch is most of its time, since only latents pass through it.
#include "eights.cuh"

#define SOFT_CLAMP(T, suffix)                                                                  \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)                                 \
      soft_clamp_##suffix(const T *x, T *out, float limit, int64_t count) {                    \
    map_eights(x, out, count, [limit](float x) { return limit * tanhf(x / limit); });          \
  }                                                                                            \
  KERNEL_EXPORT(soft_clamp_##suffix)

SOFT_CLAMP(float, f32)
SOFT_CLAMP(half, f16)
SOFT_CLAMP(bf16, bf16)
