// out = a + b; see the contract Add. Eight consecutive elements a thread; bound by bytes.
#include "eights.cuh"

DEV float sum(float a, float b) { return a + b; }

#define ADD(T, suffix)                                               \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)       \
      add_##suffix(const T *a, const T *b, T *out, int64_t count) {  \
    map_eights(a, b, out, count, sum);                               \
  }                                                                  \
  KERNEL_EXPORT(add_##suffix)

ADD(float, f32)
ADD(half, f16)
ADD(bf16, bf16)
