// out[r, c] = x[r, c] * scale[c] + offset[c], from one dtype to another; see the contract
// ChannelAffine. Eight consecutive elements a thread, which may begin in any channel and reach into
// the next row; bound by bytes.
#include "eights.cuh"

template <typename In, typename Out>
DEV void channel_affine(const In *x, const float *scale, const float *offset, Out *out,
                        int channels, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  load_eight(x, first, count, values);
  int channel = int(first % channels);
#pragma unroll
  for (int i = 0; i < 8; i++) {
    values[i] = fmaf(values[i], scale[channel], offset[channel]);
    channel = channel + 1 == channels ? 0 : channel + 1;
  }
  store_eight(out, first, count, values);
}

#define CHANNEL_AFFINE(In, in, Out, to)                                                      \
  extern "C" __global__ void __launch_bounds__(kEightsThreads) channel_affine_##in##_##to(   \
      const In *x, const float *scale, const float *offset, Out *out, int channels,          \
      int64_t count) {                                                                       \
    channel_affine(x, scale, offset, out, channels, count);                                  \
  }                                                                                          \
  KERNEL_EXPORT(channel_affine_##in##_##to)

#define CHANNEL_AFFINE_FROM(In, in)      \
  CHANNEL_AFFINE(In, in, float, f32)     \
  CHANNEL_AFFINE(In, in, half, f16)      \
  CHANNEL_AFFINE(In, in, bf16, bf16)

CHANNEL_AFFINE_FROM(float, f32)
CHANNEL_AFFINE_FROM(half, f16)
CHANNEL_AFFINE_FROM(bf16, bf16)
