// Adds means over boxes of a larger video; see the contract DownsampleShortcut. One element of the
// result a thread; neighbouring threads read neighbouring channels of the same few pixels. Bound by
// bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// rows, columns, channels: those of the result; frames, side: those of a box; fastest: whether
// channels are the fastest in it
template <typename T>
DEV void downsample_shortcut(const T *x, T *out, int rows, int columns, int channels,
                             int in_channels, int frames, int side, int fastest, int zero_frames,
                             int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const int64_t line = pixel / columns;
  const int column = int(pixel - line * columns);
  const int first_frame = int(line / rows) * frames - zero_frames;
  const int row = int(line % rows);
  const int area = side * side;
  const int box = frames * area;
  const int group = in_channels * box / channels;
  float sum = 0.0f;
  for (int value = channel * group; value < (channel + 1) * group; value++) {
    const int in_channel = fastest ? value % in_channels : value / box;
    const int in_box = fastest ? value / in_channels : value % box;
    const int frame = first_frame + in_box / area;
    if (frame < 0) continue;
    const int in_area = in_box % area;
    const int64_t source_row = (int64_t(frame) * rows + row) * side + in_area / side;
    const int64_t source = (source_row * columns + column) * side + in_area % side;
    sum += to_float(x[source * in_channels + in_channel]);
  }
  out[i] = from_float<T>(to_float(out[i]) + sum / float(group));
}

#define DOWNSAMPLE_SHORTCUT(T, suffix)                                                        \
  extern "C" __global__ void __launch_bounds__(kThreads) downsample_shortcut_##suffix(        \
      const T *x, T *out, int rows, int columns, int channels, int in_channels, int frames,   \
      int side, int fastest, int zero_frames, int64_t count) {                                \
    downsample_shortcut(x, out, rows, columns, channels, in_channels, frames, side, fastest,  \
                        zero_frames, count);                                                  \
  }                                                                                           \
  KERNEL_EXPORT(downsample_shortcut_##suffix)

DOWNSAMPLE_SHORTCUT(float, f32)
DOWNSAMPLE_SHORTCUT(half, f16)
DOWNSAMPLE_SHORTCUT(bf16, bf16)
