// Bicubic resize of fp32 images; see the contract ResizeBicubic. One value of the result a
// thread, in double precision like the reference: a session resizes one image.
#include "tile.cuh"

constexpr int kThreads = 256;
// The a of the cubic convolution, as PyTorch sets it.
constexpr double kSharpness = -0.75;
constexpr int kTaps = 4;

// Keys's kernel at a distance below two pixels.
DEV double cubic(double d) {
  if (d <= 1.0) return ((kSharpness + 2.0) * d - (kSharpness + 3.0)) * d * d + 1.0;
  return ((kSharpness * d - 5.0 * kSharpness) * d + 8.0 * kSharpness) * d - 4.0 * kSharpness;
}

// The four weighted pixels of one output along an axis.
struct Taps {
  int pixels[kTaps];
  double weights[kTaps];

  DEV Taps(int output, int size, int out_size) {
    const double source = (output + 0.5) * size / out_size - 0.5;
    const int left = int(floor(source));
#pragma unroll
    for (int tap = 0; tap < kTaps; tap++) {
      const int pixel = left - 1 + tap;
      pixels[tap] = min(max(pixel, 0), size - 1);
      weights[tap] = cubic(fabs(source - pixel));
    }
  }
};

extern "C" __global__ void __launch_bounds__(kThreads)
    resize_bicubic_f32(const float *x, float *out, int rows, int columns, int channels,
                       int out_rows, int out_columns, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const Taps down(int(pixel / out_columns), rows, out_rows);
  const Taps across(int(pixel % out_columns), columns, out_columns);
  double sum = 0.0;
#pragma unroll
  for (int row = 0; row < kTaps; row++) {
    const float *source = x + int64_t(down.pixels[row]) * columns * channels + channel;
    double row_sum = 0.0;
#pragma unroll
    for (int column = 0; column < kTaps; column++) {
      row_sum += across.weights[column] * source[int64_t(across.pixels[column]) * channels];
    }
    sum += down.weights[row] * row_sum;
  }
  out[i] = float(sum);
}
KERNEL_EXPORT(resize_bicubic_f32)
