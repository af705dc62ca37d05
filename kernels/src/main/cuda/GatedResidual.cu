// out = x + y * gate of the token's frame; see the contract GatedResidual. Eight consecutive
// elements a thread, which may begin in any channel and reach into the next token; bound by bytes.
#include "eights.cuh"

template <typename T>
DEV void gated_residual(const T *x, const T *y, const float *gate, T *out, int tokens_per_frame,
                        int channels, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  float updates[8];
  load_eight(x, first, count, values);
  load_eight(y, first, count, updates);
  int64_t token = first / channels;
  int channel = int(first - token * channels);
  const float *gates = gate + token / tokens_per_frame * channels;
  if (channel + 8 <= channels) {
    float factors[8];
    load_eight(gates + channel, 0, 8, factors);
#pragma unroll
    for (int i = 0; i < 8; i++) values[i] = fmaf(updates[i], factors[i], values[i]);
  } else {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (first + i < count) values[i] = fmaf(updates[i], gates[channel], values[i]);
      if (++channel == channels) {
        channel = 0;
        token++;
        gates = gate + token / tokens_per_frame * channels;
      }
    }
  }
  store_eight(out, first, count, values);
}

#define GATED_RESIDUAL(T, suffix)                                                          \
  extern "C" __global__ void __launch_bounds__(kEightsThreads) gated_residual_##suffix(    \
      const T *x, const T *y, const float *gate, T *out, int tokens_per_frame,             \
      int channels, int64_t count) {                                                       \
    gated_residual(x, y, gate, out, tokens_per_frame, channels, count);                    \
  }                                                                                        \
  KERNEL_EXPORT(gated_residual_##suffix)

GATED_RESIDUAL(float, f32)
GATED_RESIDUAL(half, f16)
GATED_RESIDUAL(bf16, bf16)
