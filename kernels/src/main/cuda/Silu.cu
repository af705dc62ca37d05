// out = x / (1 + exp(-x)); see the contract Silu. Eight consecutive elements a thread; bound by
// bytes.
#include "activation.cuh"
#include "eights.cuh"

#define SILU(T, suffix)                                        \
  extern "C" __global__ void __launch_bounds__(kEightsThreads) \
      silu_##suffix(const T *x, T *out, int64_t count) {       \
    map_eights(x, out, count, silu);                           \
  }                                                            \
  KERNEL_EXPORT(silu_##suffix)

SILU(float, f32)
SILU(half, f16)
SILU(bf16, bf16)
