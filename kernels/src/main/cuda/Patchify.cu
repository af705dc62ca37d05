// Cuts frames into patches; see the contract Patchify. One element of the result a thread: writes
// are consecutive, and what a warp reads lies in a few pixels. Bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// columns: pixels of a row
// width:   columns of out
template <typename In, typename Out>
DEV void patchify(const In *x, Out *out, int columns, int channels, int patch, int offset,
                  int width, int64_t count) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int patch_columns = columns / patch;
  const int patch_size = channels * patch * patch;
  const int64_t token = i / patch_size;
  const int element = int(i - token * patch_size);
  const int channel = element / (patch * patch);
  const int dy = element / patch % patch;
  const int dx = element % patch;
  const int64_t patch_row = token / patch_columns;  // counted over all frames, as pixel_row
  const int64_t pixel_row = patch_row * patch + dy;
  const int64_t pixel_column = (token - patch_row * patch_columns) * patch + dx;
  const float value = to_float(x[(pixel_row * columns + pixel_column) * channels + channel]);
  out[token * width + offset + element] = from_float<Out>(value);
}

#define PATCHIFY(In, in, Out, to)                                                               \
  extern "C" __global__ void __launch_bounds__(kThreads) patchify_##in##_##to(                  \
      const In *x, Out *out, int columns, int channels, int patch, int offset, int width,       \
      int64_t count) {                                                                          \
    patchify(x, out, columns, channels, patch, offset, width, count);                           \
  }                                                                                             \
  KERNEL_EXPORT(patchify_##in##_##to)

#define PATCHIFY_FROM(In, in)  \
  PATCHIFY(In, in, float, f32) \
  PATCHIFY(In, in, half, f16)  \
  PATCHIFY(In, in, bf16, bf16)

PATCHIFY_FROM(float, f32)
PATCHIFY_FROM(half, f16)
PATCHIFY_FROM(bf16, bf16)
