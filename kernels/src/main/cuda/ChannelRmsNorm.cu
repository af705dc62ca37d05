// L2 normalisation over the channels of a pixel with an activation on top; see the contract
// ChannelRmsNorm. Sixteen lanes for a pixel: with 96 to 384 channels each holds one to three chunks
// of 16 bytes. The second pass reads the pixel again, out of the L1 cache. Bound by bytes: each
// element is read and written once.
#include "activation.cuh"
#include "alignment.cuh"

constexpr int kThreads = 256;
constexpr int kLanes = 16;
constexpr int kPixels = kThreads / kLanes;

// Shortest length that a pixel's channels are divided by: ChannelRmsNorm.MIN_LENGTH.
constexpr float kMinLength = 1e-12f;

// Every lane gets the sum over the lanes of its pixel.
DEV float pixel_sum(float value) {
#pragma unroll
  for (int bits = kLanes / 2; bits > 0; bits /= 2) {
    value += __shfl_xor_sync(kFullWarp, value, bits);
  }
  return value;
}

template <typename T>
DEV float sum_of_squares(const T *x, int channels, int lane, bool in_chunks) {
  float sum = 0.0f;
  if (in_chunks) {
    for (int c = lane * 8; c < channels; c += kLanes * 8) {
      float values[8];
      load8(x + c, values);
#pragma unroll
      for (int i = 0; i < 8; i++) sum = fmaf(values[i], values[i], sum);
    }
  } else {
    for (int c = lane; c < channels; c += kLanes) {
      const float value = to_float(x[c]);
      sum = fmaf(value, value, sum);
    }
  }
  return pixel_sum(sum);
}

template <typename T>
DEV void channel_rms_norm(const T *x, const float *gamma, T *out, int pixels, int channels,
                          int activation) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int lane = threadIdx.x % kLanes;
  const int pixel = blockIdx.x * kPixels + threadIdx.x / kLanes;
  // All lanes of a warp take part in the sum, those behind the last pixel with an empty one.
  const bool exists = pixel < pixels;
  const int64_t at = exists ? int64_t(pixel) * channels : 0;
  const bool in_chunks = channels % 8 == 0 && is_aligned16(x) && is_aligned16(out);
  const float squares = sum_of_squares(x + at, exists ? channels : 0, lane, in_chunks);
  if (!exists) return;
  const float scale = sqrtf(float(channels)) / fmaxf(sqrtf(squares), kMinLength);
  if (!in_chunks) {
    for (int c = lane; c < channels; c += kLanes) {
      out[at + c] = from_float<T>(activate(activation, to_float(x[at + c]) * scale * gamma[c]));
    }
    return;
  }
  for (int c = lane * 8; c < channels; c += kLanes * 8) {
    float values[8];
    load8(x + at + c, values);
#pragma unroll
    for (int i = 0; i < 8; i++) {
      values[i] = activate(activation, values[i] * scale * gamma[c + i]);
    }
    store8(out + at + c, values);
  }
}

#define CHANNEL_RMS_NORM(T, suffix)                                                            \
  extern "C" __global__ void __launch_bounds__(kThreads) channel_rms_norm_##suffix(            \
      const T *x, const float *gamma, T *out, int pixels, int channels, int activation) {      \
    channel_rms_norm(x, gamma, out, pixels, channels, activation);                             \
  }                                                                                            \
  KERNEL_EXPORT(channel_rms_norm_##suffix)

CHANNEL_RMS_NORM(float, f32)
CHANNEL_RMS_NORM(half, f16)
CHANNEL_RMS_NORM(bf16, bf16)
