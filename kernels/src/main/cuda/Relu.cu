// out = max(x, 0); see the contract Relu. Eight consecutive elements a thread; bound by bytes.
#include "eights.cuh"

// Written so that NaN stays NaN and -0 becomes 0, as in the reference.
DEV float relu(float x) { return x <= 0.0f ? 0.0f : x; }

#define RELU(T, suffix)                                                                        \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)                                 \
      relu_##suffix(const T *x, T *out, int64_t count) {                                       \
    map_eights(x, out, count, relu);                                                           \
  }                                                                                            \
  KERNEL_EXPORT(relu_##suffix)

RELU(float, f32)
RELU(half, f16)
RELU(bf16, bf16)
