// Puts patches back into frames; see the contract Unpatchify. One element of the result a thread:
// reads and writes are consecutive along a row of a patch. Bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// columns: pixels of a row
template <typename In, typename Out>
DEV void unpatchify(const In *x, Out *out, int columns, int channels, int patch, int64_t count) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t pixel = i / channels;
  const int channel = int(i - pixel * channels);
  const int64_t pixel_row = pixel / columns;  // counted over all frames, as patch_row
  const int pixel_column = int(pixel - pixel_row * columns);
  const int64_t patch_row = pixel_row / patch;
  const int dy = int(pixel_row - patch_row * patch);
  const int dx = pixel_column % patch;
  const int64_t token = patch_row * (columns / patch) + pixel_column / patch;
  const int64_t in_patches = (token * patch + dy) * patch + dx;
  out[i] = from_float<Out>(to_float(x[in_patches * channels + channel]));
}

#define UNPATCHIFY(In, in, Out, to)                                                              \
  extern "C" __global__ void __launch_bounds__(kThreads) unpatchify_##in##_##to(                 \
      const In *x, Out *out, int columns, int channels, int patch, int64_t count) {              \
    unpatchify(x, out, columns, channels, patch, count);                                         \
  }                                                                                              \
  KERNEL_EXPORT(unpatchify_##in##_##to)

#define UNPATCHIFY_FROM(In, in)  \
  UNPATCHIFY(In, in, float, f32) \
  UNPATCHIFY(In, in, half, f16)  \
  UNPATCHIFY(In, in, bf16, bf16)

UNPATCHIFY_FROM(float, f32)
UNPATCHIFY_FROM(half, f16)
UNPATCHIFY_FROM(bf16, bf16)
