// out = a b; see the contract Multiply. Eight consecutive elements a thread; bound by bytes.
#include "eights.cuh"

DEV float product(float a, float b) { return a * b; }

#define MULTIPLY(T, suffix)                                              \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)           \
      multiply_##suffix(const T *a, const T *b, T *out, int64_t count) { \
    map_eights(a, b, out, count, product);                               \
  }                                                                      \
  KERNEL_EXPORT(multiply_##suffix)

MULTIPLY(float, f32)
MULTIPLY(half, f16)
MULTIPLY(bf16, bf16)
