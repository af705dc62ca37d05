// Puts patches back into frames; see the contract Unpatchify. One element of the result a thread:
// writes are consecutive, and what a warp reads lies in a few rows of patches. Bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// rows, columns: pixels of a frame
// fastest:       whether channels are the fastest in a patch
template <typename In, typename Out>
DEV void unpatchify(const In *x, Out *out, int rows, int columns, int channels, int patch,
                    int fastest, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int patch_rows = (rows + patch - 1) / patch;
  const int patch_columns = (columns + patch - 1) / patch;
  const int area = patch * patch;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const int64_t pixel_row = pixel / columns;  // counted over all frames
  const int column = int(pixel - pixel_row * columns);
  const int64_t frame = pixel_row / rows;
  const int row = int(pixel_row - frame * rows);
  const int64_t token = (frame * patch_rows + row / patch) * patch_columns + column / patch;
  const int in_patch = row % patch * patch + column % patch;
  const int element = fastest ? in_patch * channels + channel : channel * area + in_patch;
  out[i] = from_float<Out>(to_float(x[token * area * channels + element]));
}

#define UNPATCHIFY(In, in, Out, to)                                                             \
  extern "C" __global__ void __launch_bounds__(kThreads) unpatchify_##in##_##to(                \
      const In *x, Out *out, int rows, int columns, int channels, int patch, int fastest,       \
      int64_t count) {                                                                          \
    unpatchify(x, out, rows, columns, channels, patch, fastest, count);                         \
  }                                                                                             \
  KERNEL_EXPORT(unpatchify_##in##_##to)

#define UNPATCHIFY_FROM(In, in)  \
  UNPATCHIFY(In, in, float, f32) \
  UNPATCHIFY(In, in, half, f16)  \
  UNPATCHIFY(In, in, bf16, bf16)

UNPATCHIFY_FROM(float, f32)
UNPATCHIFY_FROM(half, f16)
UNPATCHIFY_FROM(bf16, bf16)
