// PropeAttention.cu for compute capability 9.0, of transformed queries, keys and values:
// attention_hopper.cuh.
#include "attention_hopper.cuh"
#include "cameras.cuh"

#define PROPE_ATTENTION_HOPPER(dim, type, dtype)                                                   \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) prope_attention_hopper_d##dim##_##dtype( \
      const __grid_constant__ CUtensorMap q, const __grid_constant__ CUtensorMap k,                \
      const __grid_constant__ CUtensorMap v, type *out, int queries, int keys, int heads,          \
      float scale_log2, const float *image_from_world, int queries_per_frame) {                    \
    attention_hopper<type, dim>(q, k, v, out, queries, keys, heads,                                \
                                SameScale{scale_log2},                                             \
                                ToImages{image_from_world, queries_per_frame});                    \
  }                                                                                                \
  KERNEL_EXPORT(prope_attention_hopper_d##dim##_##dtype)

PROPE_ATTENTION_HOPPER(64, half, f16)
PROPE_ATTENTION_HOPPER(64, bf16, bf16)
PROPE_ATTENTION_HOPPER(128, half, f16)
PROPE_ATTENTION_HOPPER(128, bf16, bf16)
