// Attention.cu for compute capability 9.0: attention_hopper.cuh.
#include "attention_hopper.cuh"

#define ATTENTION_HOPPER(dim, type, dtype)                                                        \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) attention_hopper_d##dim##_##dtype(    \
      const __grid_constant__ CUtensorMap q, const __grid_constant__ CUtensorMap k,               \
      const __grid_constant__ CUtensorMap v, type *out, int queries, int keys, int heads,         \
      float scale_log2) {                                                                         \
    attention_hopper<type, dim>(q, k, v, out, queries, keys, heads, SameScale{scale_log2},         \
                                Untransformed());                                                 \
  }                                                                                               \
  KERNEL_EXPORT(attention_hopper_d##dim##_##dtype)

ATTENTION_HOPPER(64, half, f16)
ATTENTION_HOPPER(64, bf16, bf16)
ATTENTION_HOPPER(128, half, f16)
ATTENTION_HOPPER(128, bf16, bf16)
