// AttentionInt8.cu for compute capability 9.0, head dim 128, of what attention_int8_quantize wrote:
// attention_hopper.cuh, whose products of queries and keys take half as long. The values' are those
// of 16 bits.
#include "attention_hopper.cuh"
#include "attention_int8.cuh"

static_assert(kKeys <= kScaledKeys && kScaledKeys % kKeys == 0, "the keys of a tile share a scale");

// parameters, transform: what a kernel has and does for cameras, or nothing.
#define ATTENTION_INT8_HOPPER(name, type, parameters, transform)                                 \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) name(                                \
      const __grid_constant__ CUtensorMap q, const float *q_scales,                              \
      const __grid_constant__ CUtensorMap k, const float *k_scales,                              \
      const __grid_constant__ CUtensorMap v, type *out, int queries, int keys, int heads,        \
      float scale_log2 parameters) {                                                             \
    attention_hopper<type, 128, int8_t>(q, k, v, out, queries, keys, heads,                      \
                                        Int8Scales{q_scales, k_scales, heads, scale_log2},       \
                                        transform);                                              \
  }                                                                                              \
  KERNEL_EXPORT(name)

ATTENTION_INT8_HOPPER(attention_int8_hopper_f16, half, , Untransformed())
ATTENTION_INT8_HOPPER(attention_int8_hopper_bf16, bf16, , Untransformed())
ATTENTION_INT8_HOPPER(attention_int8_cameras_hopper_f16, half, CAMERA_PARAMETERS, TO_IMAGES)
ATTENTION_INT8_HOPPER(attention_int8_cameras_hopper_bf16, bf16, CAMERA_PARAMETERS, TO_IMAGES)
