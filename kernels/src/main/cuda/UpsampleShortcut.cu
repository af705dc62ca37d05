// Adds the repeated channels of a smaller video; see the contract UpsampleShortcut. One element of
// the result a thread; neighbouring threads read channels of the same pixel. Bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// rows, columns, channels: those of the result; frames, side: those of a box; fastest: whether
// channels are the fastest in it
template <typename T>
DEV void upsample_shortcut(const T *x, T *out, int rows, int columns, int channels,
                           int in_channels, int frames, int side, int fastest, int dropped,
                           int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const int64_t line = pixel / columns;
  const int column = int(pixel - line * columns);
  const int frame = int(line / rows) + dropped;
  const int row = int(line % rows);
  const int box = frames * side * side;
  const int repeats = channels * box / in_channels;
  const int in_box = (frame % frames * side + row % side) * side + column % side;
  const int64_t source_row = int64_t(frame / frames) * (rows / side) + row / side;
  const int64_t source = source_row * (columns / side) + column / side;
  const int repeated = fastest ? in_box * channels + channel : channel * box + in_box;
  const int in_channel = repeated / repeats;
  out[i] = from_float<T>(to_float(out[i]) + to_float(x[source * in_channels + in_channel]));
}

#define UPSAMPLE_SHORTCUT(T, suffix)                                                          \
  extern "C" __global__ void __launch_bounds__(kThreads) upsample_shortcut_##suffix(          \
      const T *x, T *out, int rows, int columns, int channels, int in_channels, int frames,   \
      int side, int fastest, int dropped, int64_t count) {                                    \
    upsample_shortcut(x, out, rows, columns, channels, in_channels, frames, side, fastest,    \
                      dropped, count);                                                        \
  }                                                                                           \
  KERNEL_EXPORT(upsample_shortcut_##suffix)

UPSAMPLE_SHORTCUT(float, f32)
UPSAMPLE_SHORTCUT(half, f16)
UPSAMPLE_SHORTCUT(bf16, bf16)
