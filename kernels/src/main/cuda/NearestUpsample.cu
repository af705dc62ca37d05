// Doubles the rows and columns of frames by repeating pixels; see the contract NearestUpsample. What
// moves are bits, in units of 16, 4 or 2 bytes, whatever the dtype. A thread reads a unit and writes
// it four times; bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

template <typename Unit>
DEV void nearest_upsample(const Unit *x, Unit *out, int count, int columns, int pixel_units) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const unsigned i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= unsigned(count)) return;
  const unsigned pixel = i / pixel_units;
  const unsigned line = pixel / columns;
  const int64_t row_units = int64_t(2) * columns * pixel_units;
  Unit *to = out + 2 * line * row_units + int64_t(2) * (pixel % columns) * pixel_units +
             i % pixel_units;
  const Unit unit = x[i];
  to[0] = unit;
  to[pixel_units] = unit;
  to[row_units] = unit;
  to[row_units + pixel_units] = unit;
}

#define NEAREST_UPSAMPLE(Unit, bytes)                                                          \
  extern "C" __global__ void __launch_bounds__(kThreads) nearest_upsample_##bytes##_bytes(     \
      const Unit *x, Unit *out, int count, int columns, int pixel_units) {                     \
    nearest_upsample(x, out, count, columns, pixel_units);                                     \
  }                                                                                            \
  KERNEL_EXPORT(nearest_upsample_##bytes##_bytes)

NEAREST_UPSAMPLE(uint4, 16)
NEAREST_UPSAMPLE(uint32_t, 4)
NEAREST_UPSAMPLE(uint16_t, 2)
