// Cuts frames into patches; see the contract Patchify. One element of the result a thread: writes
// are consecutive, and what a warp reads lies in a few pixels. Bound by bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// rows, columns: pixels of a frame
// fastest:       whether channels are the fastest in a patch
// width:         columns of out
template <typename In, typename Out>
DEV void patchify(const In *x, Out *out, int rows, int columns, int channels, int patch,
                  int fastest, int offset, int width, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int patch_rows = (rows + patch - 1) / patch;
  const int patch_columns = (columns + patch - 1) / patch;
  const int patch_size = channels * patch * patch;
  const int64_t token = i / patch_size;
  const int element = int(i - token * patch_size);
  const int channel = fastest ? element % channels : element / (patch * patch);
  const int in_patch = fastest ? element / channels : element % (patch * patch);
  const int64_t patch_row = token / patch_columns;  // counted over all frames
  const int64_t frame = patch_row / patch_rows;
  const int row = int(patch_row - frame * patch_rows) * patch + in_patch / patch;
  const int column = int(token - patch_row * patch_columns) * patch + in_patch % patch;
  float value = 0;  // the border
  if (row < rows && column < columns) {
    value = to_float(x[((frame * rows + row) * columns + column) * channels + channel]);
  }
  out[token * width + offset + element] = from_float<Out>(value);
}

#define PATCHIFY(In, in, Out, to)                                                               \
  extern "C" __global__ void __launch_bounds__(kThreads) patchify_##in##_##to(                  \
      const In *x, Out *out, int rows, int columns, int channels, int patch, int fastest,       \
      int offset, int width, int64_t count) {                                                   \
    patchify(x, out, rows, columns, channels, patch, fastest, offset, width, count);            \
  }                                                                                             \
  KERNEL_EXPORT(patchify_##in##_##to)

#define PATCHIFY_FROM(In, in)  \
  PATCHIFY(In, in, float, f32) \
  PATCHIFY(In, in, half, f16)  \
  PATCHIFY(In, in, bf16, bf16)

PATCHIFY_FROM(float, f32)
PATCHIFY_FROM(half, f16)
PATCHIFY_FROM(bf16, bf16)
