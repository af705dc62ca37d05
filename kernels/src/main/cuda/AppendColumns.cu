// A token's channels with a vector of its frame behind them; see the contract AppendColumns. Eight
// consecutive elements of the result a thread, which may reach from the channels into the vector
// and into the next token; bound by bytes.
#include "eights.cuh"

template <typename T>
DEV void append_columns(const T *x, const T *frame, T *out, int tokens_per_frame, int channels,
                        int frame_columns, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  const int width = channels + frame_columns;
  int64_t token = first / width;
  int column = int(first - token * width);
  float values[8];
  if (column + 8 <= channels) {
    load_eight(x + token * channels + column, 0, 8, values);
  } else {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (first + i >= count) break;
      const T value =
          column < channels
              ? x[token * channels + column]
              : frame[token / tokens_per_frame * frame_columns + column - channels];
      values[i] = to_float(value);
      if (++column == width) {
        column = 0;
        token++;
      }
    }
  }
  store_eight(out, first, count, values);
}

#define APPEND_COLUMNS(T, suffix)                                                           \
  extern "C" __global__ void __launch_bounds__(kEightsThreads) append_columns_##suffix(     \
      const T *x, const T *frame, T *out, int tokens_per_frame, int channels,               \
      int frame_columns, int64_t count) {                                                   \
    append_columns(x, frame, out, tokens_per_frame, channels, frame_columns, count);        \
  }                                                                                         \
  KERNEL_EXPORT(append_columns_##suffix)

APPEND_COLUMNS(float, f32)
APPEND_COLUMNS(half, f16)
APPEND_COLUMNS(bf16, bf16)
