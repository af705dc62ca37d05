// Turns the halves of the channels into two frames; see the contract TimeUnshuffle. Only bits move,
// in units of 16, 4 or 2 bytes, whatever the dtype. A thread moves one unit; bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

template <typename Unit>
DEV void time_unshuffle(const Unit *x, Unit *out, int count, int pixels, int half_units) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const unsigned i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= unsigned(count)) return;
  const unsigned half_pixel = i / half_units;
  const unsigned pixel = half_pixel / 2;
  const unsigned frame = pixel / pixels * 2 + half_pixel % 2;
  out[(int64_t(frame) * pixels + pixel % pixels) * half_units + i % half_units] = x[i];
}

#define TIME_UNSHUFFLE(Unit, bytes)                                                            \
  extern "C" __global__ void __launch_bounds__(kThreads) time_unshuffle_##bytes##_bytes(       \
      const Unit *x, Unit *out, int count, int pixels, int half_units) {                       \
    time_unshuffle(x, out, count, pixels, half_units);                                         \
  }                                                                                            \
  KERNEL_EXPORT(time_unshuffle_##bytes##_bytes)

TIME_UNSHUFFLE(uint4, 16)
TIME_UNSHUFFLE(uint32_t, 4)
TIME_UNSHUFFLE(uint16_t, 2)
