// Antialiased resize of 8-bit images to the bit; see the contract ResizeAntialiased. One byte of
// the result a thread, which resizes along columns each of the rows that it then weighs: a row is
// so resized by the few output rows that see it, and no image lies between the two steps. A
// session resizes one image, so weights are simply computed where they are needed.
#include "tile.cuh"

constexpr int kThreads = 256;
constexpr int kFractionBits = 22;
constexpr double kPi = 3.14159265358979323846;

struct Bilinear {
  static constexpr double kSupport = 1.0;

  DEV static double weight(double x) {
    const double distance = fabs(x);
    return distance < 1.0 ? 1.0 - distance : 0.0;
  }
};

struct Bicubic {
  static constexpr double kSupport = 2.0;

  DEV static double weight(double x) {
    const double a = fabs(x);
    if (a < 1.0) {
      return __dmul_rn(__dmul_rn(__dmul_rn(1.5, a) - 2.5, a), a) + 1.0;
    }
    if (a >= kSupport) return 0.0;
    return __dmul_rn(__dmul_rn(__dmul_rn(a - 5.0, a) + 8.0, a) - 4.0, -0.5);
  }
};

DEV double sinc(double x) {
  const double angle = __dmul_rn(kPi, x);
  return angle == 0.0 ? 1.0 : sin(angle) / angle;
}

struct Lanczos {
  static constexpr double kSupport = 3.0;

  DEV static double weight(double x) {
    return -kSupport <= x && x < kSupport ? __dmul_rn(sinc(x), sinc(x / kSupport)) : 0.0;
  }
};

// The weighted pixels of one output along an axis, in double precision until they are rounded.
// Products that a sum follows are rounded first, as the contract's arithmetic has no fused
// operations.
template <typename Filter>
struct Taps {
  int first;
  int end;
  double center;
  double inverse_scale;
  double sum;

  DEV Taps(int output, int size, int out_size) {
    const double scale = double(size) / out_size;
    const double filter_scale = scale > 1.0 ? scale : 1.0;
    const double support = __dmul_rn(Filter::kSupport, filter_scale);
    inverse_scale = 1.0 / filter_scale;
    center = __dmul_rn(output + 0.5, scale);
    first = max(0, int(center - support + 0.5));
    end = min(size, int(center + support + 0.5));
    sum = 0.0;
    for (int pixel = first; pixel < end; pixel++) sum += exact(pixel);
  }

  DEV double exact(int pixel) const {
    return Filter::weight(__dmul_rn(pixel - center + 0.5, inverse_scale));
  }

  // The weight of a pixel with kFractionBits.
  DEV int weight(int pixel) const {
    const double share = exact(pixel) / sum;
    return int(share * (1 << kFractionBits) + (share < 0.0 ? -0.5 : 0.5));
  }
};

DEV int to_byte(int sum) { return min(max(sum >> kFractionBits, 0), 255); }

template <typename Filter>
DEV void resize(const uint8_t *x, uint8_t *out, int rows, int columns, int channels, int out_rows,
                int out_columns, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const Taps<Filter> down(int(pixel / out_columns), rows, out_rows);
  const Taps<Filter> across(int(pixel % out_columns), columns, out_columns);
  int sum = 1 << (kFractionBits - 1);
  for (int row = down.first; row < down.end; row++) {
    const uint8_t *source = x + int64_t(row) * columns * channels + channel;
    int row_sum = 1 << (kFractionBits - 1);
    for (int column = across.first; column < across.end; column++) {
      row_sum += across.weight(column) * source[int64_t(column) * channels];
    }
    sum += down.weight(row) * to_byte(row_sum);
  }
  out[i] = uint8_t(to_byte(sum));
}

#define RESIZE(filter, Filter)                                                                   \
  extern "C" __global__ void __launch_bounds__(kThreads)                                         \
      resize_##filter##_u8(const uint8_t *x, uint8_t *out, int rows, int columns, int channels,  \
                           int out_rows, int out_columns, int64_t count) {                       \
    resize<Filter>(x, out, rows, columns, channels, out_rows, out_columns, count);               \
  }                                                                                              \
  KERNEL_EXPORT(resize_##filter##_u8)

RESIZE(bilinear, Bilinear)
RESIZE(bicubic, Bicubic)
RESIZE(lanczos, Lanczos)
