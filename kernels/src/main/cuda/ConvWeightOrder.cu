// Brings the weight of a convolution from [Co, Ci, taps] into [taps, Ci, Co]; see the contract
// ConvWeightOrder. Bits move, in elements of 4 or 2 bytes. A thread writes one element; reads of
// neighbouring threads are a row of the stored weight apart, which only costs time while a model is
// loaded.
#include "tile.cuh"

constexpr int kThreads = 256;

template <typename Unit>
DEV void conv_weight_order(const Unit *stored, Unit *out, int count, int out_channels, int taps) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const unsigned i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= unsigned(count)) return;
  const unsigned in_channels = count / out_channels / taps;
  const unsigned row = i / out_channels;
  const unsigned out_channel = i % out_channels;
  const unsigned tap = row / in_channels;
  out[i] = stored[(out_channel * in_channels + row % in_channels) * taps + tap];
}

#define CONV_WEIGHT_ORDER(Unit, bytes)                                                         \
  extern "C" __global__ void __launch_bounds__(kThreads) conv_weight_order_##bytes##_bytes(    \
      const Unit *stored, Unit *out, int count, int out_channels, int taps) {                  \
    conv_weight_order(stored, out, count, out_channels, taps);                                 \
  }                                                                                            \
  KERNEL_EXPORT(conv_weight_order_##bytes##_bytes)

CONV_WEIGHT_ORDER(uint32_t, 4)
CONV_WEIGHT_ORDER(uint16_t, 2)
