// Antialiased bilinear resize of 8-bit pictures to the bit; see the contract ResizeBilinear. One
// byte of the result a thread, which resizes along columns each of the rows that it then weighs: a
// row is so resized by the two or so output rows that see it, and no picture lies between the two
// steps. A session resizes one picture, so weights are simply computed where they are needed.
#include "tile.cuh"

constexpr int kThreads = 256;
constexpr int kFractionBits = 22;

// The weighted pixels of one output along an axis, in double precision until they are rounded. The
// centre is rounded before it is used, as the contract's arithmetic has no fused operations; the
// compiler has no other product to fuse.
struct Taps {
  int first;
  int end;
  double center;
  double support;
  double sum;

  DEV Taps(int output, int size, int out_size) {
    const double scale = double(size) / out_size;
    support = scale > 1.0 ? scale : 1.0;
    center = __dmul_rn(output + 0.5, scale);
    first = max(0, int(center - support + 0.5));
    end = min(size, int(center + support + 0.5));
    sum = 0.0;
    for (int pixel = first; pixel < end; pixel++) sum += exact(pixel);
  }

  DEV double exact(int pixel) const {
    const double weight = 1.0 - fabs((pixel - center + 0.5) / support);
    return weight > 0.0 ? weight : 0.0;
  }

  // The weight of a pixel with kFractionBits.
  DEV int weight(int pixel) const {
    return int(0.5 + exact(pixel) / sum * (1 << kFractionBits));
  }
};

DEV int to_byte(int sum) { return min(max(sum >> kFractionBits, 0), 255); }

extern "C" __global__ void __launch_bounds__(kThreads)
    resize_bilinear_u8(const uint8_t *x, uint8_t *out, int rows, int columns, int channels,
                       int out_rows, int out_columns, int64_t count) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const Taps down(int(pixel / out_columns), rows, out_rows);
  const Taps across(int(pixel % out_columns), columns, out_columns);
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
KERNEL_EXPORT(resize_bilinear_u8)
