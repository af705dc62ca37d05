// Convolution of channels-last frames as a product of matrices of which the left one is never
// built (implicit GEMM): output pixels x (kernel positions x input channels), times the weight
// [kernel positions x input channels, output channels]. CausalConv3d.cu and Conv2d.cu instantiate
// it; their contracts say what is computed.
//
// conv_tensor_cores, for 16-bit elements: a block of 128 threads computes a tile of kBlockM pixels
// and kBlockN channels. It walks over the sum in steps of 32 terms, which three ring slots of
// shared memory hold: one is multiplied while the next two arrive. Pixels outside the frame arrive
// as zeros, or as the frame's nearest. Channels are taken in groups of 32 (16, 8), all kernel positions of a group before the
// next group. So neighbouring kernel columns, which read nearly the same pixels, follow each other
// and find them in the L1 cache, where a walk over all channels of one position would overflow it.
// The order in which terms are added depends on the kernel's extents and the input channels only:
// neither the tile nor how a stream is cut into calls changes a bit.
//
// conv_fp32, for fp32 elements: no tensor cores. A warp sums eight pixels times 32 channels.
//
// Bound by arithmetic where the kernel has many positions, by bytes for 1x1 kernels.
#pragma once

#include "alignment.cuh"

constexpr int kConvThreads = 128;
constexpr int kStages = 3;
constexpr int kBlockK = 32;
// Elements of a 16-byte copy.
constexpr int kChunk = 8;
constexpr int kInputChunks = kBlockK / kChunk;
// Rows of shared memory that are filled at once, each by four threads.
constexpr int kRowsAtOnce = kConvThreads / kInputChunks;

// A row that no kernel position brings back into the frame. With a repeated edge such a window sees
// pixels, of which nothing is stored.
constexpr int kOutside = -(1 << 30);

// Output (t, y, x) sums the inputs (t * time_stride + a, y * stride + b - top,
// x * stride + c - left); frame 0 is the first one of the history, and x follows it.
struct ConvShape {
  int history_frames;
  int rows;
  int columns;
  int channels;
  int pixels;  // output pixels of all frames
  int out_rows;
  int out_columns;
  int out_channels;
  int kernel_frames;
  int kernel_rows;
  int kernel_columns;
  int time_stride;
  int stride;
  int top;
  int left;
  int repeats;  // whether the frame's edge goes on outside, where there are zeros otherwise

  DEV int taps() const { return kernel_frames * kernel_rows * kernel_columns; }

  // Channels of a kernel position that are added before the sum goes on to the next position. A
  // step holds whole groups unless the channels are no multiple of eight.
  DEV int group() const {
    if (channels % 32 == 0) return 32;
    if (channels % 16 == 0) return 16;
    return channels % 8 == 0 ? 8 : channels;
  }
};

template <typename T, typename W>
struct ConvOperands {
  const T *history;
  const T *x;
  const W *weight;
  const float *bias;
  T *out;
};

// The inputs of an output pixel: where the kernel's first position lies.
struct Window {
  int frame;
  int row;
  int column;
};

DEV Window window_of(const ConvShape &shape, int pixel) {
  if (pixel >= shape.pixels) return {0, kOutside, 0};
  const int line = pixel / shape.out_columns;
  return {line / shape.out_rows * shape.time_stride,
          line % shape.out_rows * shape.stride - shape.top,
          pixel % shape.out_columns * shape.stride - shape.left};
}

// A term of the sum: kernel position and input channel.
struct Term {
  int frame;
  int row;
  int column;
  int channel;
};

// The k-th term in the order of the sum; beyond the last one, channels are out of range.
DEV Term term_at(const ConvShape &shape, int k) {
  const int group = shape.group();
  const int terms = shape.taps() * group;
  const int tap = k % terms / group;
  return {tap / shape.kernel_columns / shape.kernel_rows,
          tap / shape.kernel_columns % shape.kernel_rows, tap % shape.kernel_columns,
          k / terms * group + k % group};
}

// Moves on by kBlockK terms, whole groups.
DEV void advance(const ConvShape &shape, int group, Term &term) {
  for (int moved = 0; moved < kBlockK; moved += group) {
    if (++term.column < shape.kernel_columns) continue;
    term.column = 0;
    if (++term.row < shape.kernel_rows) continue;
    term.row = 0;
    if (++term.frame < shape.kernel_frames) continue;
    term.frame = 0;
    term.channel += group;
  }
}

DEV bool is_inside(const ConvShape &shape, const Window &window, const Term &term) {
  const bool is_in_frame = unsigned(window.row + term.row) < unsigned(shape.rows) &&
                           unsigned(window.column + term.column) < unsigned(shape.columns);
  return (shape.repeats || is_in_frame) && term.channel < shape.channels;
}

// Where the input of a term lies, which is inside.
template <typename T, typename W>
DEV const T *input_of(const ConvOperands<T, W> &tensors, const ConvShape &shape,
                      const Window &window, const Term &term) {
  const int frame = window.frame + term.frame;
  const bool is_past = frame < shape.history_frames;
  const T *frames = is_past ? tensors.history : tensors.x;
  int row = window.row + term.row;
  int column = window.column + term.column;
  if (shape.repeats) {
    row = min(max(row, 0), shape.rows - 1);
    column = min(max(column, 0), shape.columns - 1);
  }
  const int line = (is_past ? frame : frame - shape.history_frames) * shape.rows + row;
  const int pixel = line * shape.columns + column;
  return frames + int64_t(pixel) * shape.channels + term.channel;
}

DEV int64_t weight_row(const ConvShape &shape, const Term &term) {
  const int tap =
      (term.frame * shape.kernel_rows + term.row) * shape.kernel_columns + term.column;
  return int64_t(tap) * shape.channels + term.channel;
}

// Position of a 16-byte chunk in a matrix with kChunks of them in a row. Rows are spread so that
// the eight that ldmatrix reads together lie in different banks.
template <int kChunks>
DEV int swizzled(int row, int chunk) {
  static_assert(kChunks % 2 == 0, "a quarter of the banks at least");
  constexpr int kSpread = kChunks % 8 == 0 ? 8 : kChunks % 4 == 0 ? 4 : 2;
  return (row * kChunks + (chunk ^ (row / (8 / kSpread) % kSpread))) * kChunk;
}

// Fills a slot with the inputs of 32 terms: thread i copies the chunk i % 4 of the rows i / 4,
// i / 4 + 32 and so on, whose windows it keeps. Needs whole groups and 16-byte alignment.
template <typename T, int kBlockM>
DEV void load_input_chunks(T *slot, const ConvOperands<T, T> &tensors, const ConvShape &shape,
                           const Window (&windows)[kBlockM / kRowsAtOnce], const Term &term) {
  const int chunk = threadIdx.x % kInputChunks;
  // An address for copies of nothing: x may have no frames if there is a history.
  const T *anywhere = tensors.history == nullptr ? tensors.x : tensors.history;
#pragma unroll
  for (int i = 0; i < kBlockM / kRowsAtOnce; i++) {
    const int row = threadIdx.x / kInputChunks + i * kRowsAtOnce;
    const bool present = is_inside(shape, windows[i], term);
    const T *from = present ? input_of(tensors, shape, windows[i], term) : anywhere;
    cp_async16_cached(slot + swizzled<kInputChunks>(row, chunk), from, present);
  }
}

// The same for any channels and addresses, an element at a time: lane i fetches the i-th term.
template <typename T, int kBlockM>
DEV void load_input_elements(T *slot, const ConvOperands<T, T> &tensors, const ConvShape &shape,
                             const Window *windows, const Term &term) {
  const int lane = threadIdx.x % 32;
  for (int row = threadIdx.x / 32; row < kBlockM; row += kConvThreads / 32) {
    const Window window = windows[row];
    T *to = slot + swizzled<kInputChunks>(row, lane / kChunk) + lane % kChunk;
    *to = is_inside(shape, window, term) ? *input_of(tensors, shape, window, term)
                                         : from_float<T>(0.0f);
  }
}

// Fills a slot with the weights of 32 terms: thread i fetches chunks of row i / 4, that of `term`.
template <typename T, int kBlockN>
DEV void load_weight(T *slot, const ConvOperands<T, T> &tensors, const ConvShape &shape,
                     const Term &term, int first_channel, bool in_chunks) {
  constexpr int kChunks = kBlockN / kChunk;
  const int row = threadIdx.x / kInputChunks;
  const bool is_term = term.channel < shape.channels;
  const T *from = tensors.weight;
  if (is_term) from += weight_row(shape, term) * shape.out_channels;
#pragma unroll
  for (int chunk = threadIdx.x % kInputChunks; chunk < kChunks; chunk += kInputChunks) {
    const int channel = first_channel + chunk * kChunk;
    T *to = slot + swizzled<kChunks>(row, chunk);
    if (in_chunks) {
      const bool present = is_term && channel < shape.out_channels;
      cp_async16_cached(to, present ? from + channel : tensors.weight, present);
    } else {
      for (int i = 0; i < kChunk; i++) {
        const bool present = is_term && channel + i < shape.out_channels;
        to[i] = present ? from[channel + i] : from_float<T>(0.0f);
      }
    }
  }
}

// Adds the products of one slot to the sums of a warp: a [kWarpM, 32] part of the input times a
// [32, kWarpN] part of the weight.
template <typename T, int kBlockN, int kFragmentsM, int kFragmentsN>
DEV void multiply(const T *input, const T *weight, int warp_row, int warp_column,
                  float (&sums)[kFragmentsM][kFragmentsN][4]) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int k = 0; k < kBlockK; k += 16) {
    uint32_t a[kFragmentsM][4];
    uint32_t b[kFragmentsN / 2][4];
#pragma unroll
    for (int i = 0; i < kFragmentsM; i++) {
      const int row = warp_row + i * 16 + lane % 16;
      ldmatrix_x4(a[i], input + swizzled<kInputChunks>(row, k / kChunk + lane / 16));
    }
#pragma unroll
    for (int j = 0; j < kFragmentsN / 2; j++) {
      const int chunk = warp_column / kChunk + 2 * j + lane / 16;
      ldmatrix_x4_trans(b[j], weight + swizzled<kBlockN / kChunk>(k + lane % 16, chunk));
    }
#pragma unroll
    for (int i = 0; i < kFragmentsM; i++) {
#pragma unroll
      for (int j = 0; j < kFragmentsN; j++) {
        mma<T>(sums[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
      }
    }
  }
}

// Two neighbouring channels of a pixel, of which the second may not exist.
template <typename T>
DEV void store_channels(const ConvOperands<T, T> &tensors, const ConvShape &shape, int pixel,
                        int channel, float first, float second, bool in_pairs) {
  if (pixel >= shape.pixels || channel >= shape.out_channels) return;
  const bool is_pair = channel + 1 < shape.out_channels;
  if (tensors.bias != nullptr) {
    first += tensors.bias[channel];
    if (is_pair) second += tensors.bias[channel + 1];
  }
  T *to = tensors.out + int64_t(pixel) * shape.out_channels + channel;
  if (in_pairs) {
    *reinterpret_cast<uint32_t *>(to) = pack<T>(first, second);
    return;
  }
  to[0] = from_float<T>(first);
  if (is_pair) to[1] = from_float<T>(second);
}

// A tile of kBlockM pixels and kBlockN channels, cut into kWarpsM parts along the pixels for the
// four warps. With kInChunks the input has whole groups and is 16-byte aligned.
template <typename T, int kBlockM, int kBlockN, int kWarpsM, bool kInChunks>
DEV void conv_tensor_cores(const ConvOperands<T, T> &tensors, const ConvShape &shape) {
  constexpr int kWarpM = kBlockM / kWarpsM;
  constexpr int kWarpN = kBlockN * kWarpsM / (kConvThreads / 32);
  constexpr int kRows = kBlockM / kRowsAtOnce;
  __shared__ __align__(128) T inputs[kStages][kBlockM * kBlockK];
  __shared__ __align__(128) T weights[kStages][kBlockK * kBlockN];
  __shared__ Window shared_windows[kInChunks ? 1 : kBlockM];

  // Blocks that share pixels follow each other, so that these are read from memory once.
  const int blocks_across = (shape.out_channels + kBlockN - 1) / kBlockN;
  const int first_pixel = int(blockIdx.x) / blocks_across * kBlockM;
  const int first_channel = int(blockIdx.x) % blocks_across * kBlockN;
  const int warp = threadIdx.x / 32;
  const int warp_row = warp % kWarpsM * kWarpM;
  const int warp_column = warp / kWarpsM * kWarpN;
  const int group = shape.group();
  const int terms = shape.taps() * shape.channels;
  const int steps = (terms + kBlockK - 1) / kBlockK;
  const bool weight_in_chunks =
      shape.out_channels % kChunk == 0 && is_aligned16(tensors.weight);

  Window windows[kRows];
  if (kInChunks) {
#pragma unroll
    for (int i = 0; i < kRows; i++) {
      const int row = threadIdx.x / kInputChunks + i * kRowsAtOnce;
      windows[i] = window_of(shape, first_pixel + row);
    }
  } else {
    for (int row = threadIdx.x; row < kBlockM; row += kConvThreads) {
      shared_windows[row] = window_of(shape, first_pixel + row);
    }
    __syncthreads();
  }
  const int input_term = kInChunks ? threadIdx.x % kInputChunks * kChunk : threadIdx.x % 32;
  const int weight_term = threadIdx.x / kInputChunks;
  Term of_input = term_at(shape, input_term);
  Term of_weight = term_at(shape, weight_term);

  int loaded = 0;
  auto load = [&]() {
    if (loaded < steps) {
      const int slot = loaded % kStages;
      if (kInChunks) {
        load_input_chunks<T, kBlockM>(inputs[slot], tensors, shape, windows, of_input);
      } else {
        load_input_elements<T, kBlockM>(inputs[slot], tensors, shape, shared_windows, of_input);
      }
      load_weight<T, kBlockN>(weights[slot], tensors, shape, of_weight, first_channel,
                              weight_in_chunks);
      loaded++;
      if (kInChunks) {
        advance(shape, group, of_input);
        advance(shape, group, of_weight);
      } else {
        of_input = term_at(shape, loaded * kBlockK + input_term);
        of_weight = term_at(shape, loaded * kBlockK + weight_term);
      }
    }
    cp_async_commit();
  };

  float sums[kWarpM / 16][kWarpN / 8][4] = {};
  wait_for_previous_kernel();
  for (int i = 0; i < kStages - 1; i++) load();
  for (int step = 0; step < steps; step++) {
    cp_async_wait<kStages - 2>();
    // The slot of this step is filled, and all threads are done with the one that is filled next.
    __syncthreads();
    load();
    multiply<T, kBlockN>(inputs[step % kStages], weights[step % kStages], warp_row, warp_column,
                         sums);
  }
  admit_next_kernel();

  const int lane = threadIdx.x % 32;
  const bool in_pairs =
      shape.out_channels % 2 == 0 && reinterpret_cast<uintptr_t>(tensors.out) % 4 == 0;
#pragma unroll
  for (int i = 0; i < kWarpM / 16; i++) {
#pragma unroll
    for (int j = 0; j < kWarpN / 8; j++) {
      const int pixel = first_pixel + warp_row + i * 16 + lane / 4;
      const int channel = first_channel + warp_column + j * 8 + lane % 4 * 2;
      const float(&sum)[4] = sums[i][j];
      store_channels<T>(tensors, shape, pixel, channel, sum[0], sum[1], in_pairs);
      store_channels<T>(tensors, shape, pixel + 8, channel, sum[2], sum[3], in_pairs);
    }
  }
}

constexpr int kFp32Threads = 256;
constexpr int kFp32Pixels = 8;

// A lane for each output channel of 32, eight pixels for a warp. Every kernel position is summed
// by itself first: the error grows with the root of the longest chain of additions.
template <typename W>
DEV void conv_fp32(const ConvOperands<float, W> &tensors, const ConvShape &shape) {
  wait_for_previous_kernel();
  admit_next_kernel();
  constexpr int kBlockPixels = kFp32Threads / 32 * kFp32Pixels;
  const int blocks_across = (shape.out_channels + 31) / 32;
  const int first_pixel = int(blockIdx.x) / blocks_across * kBlockPixels +
                          int(threadIdx.x) / 32 * kFp32Pixels;
  const int channel = int(blockIdx.x) % blocks_across * 32 + threadIdx.x % 32;
  if (channel >= shape.out_channels) return;

  Window windows[kFp32Pixels];
  float sums[kFp32Pixels];
#pragma unroll
  for (int i = 0; i < kFp32Pixels; i++) {
    windows[i] = window_of(shape, first_pixel + i);
    sums[i] = tensors.bias == nullptr ? 0.0f : tensors.bias[channel];
  }
  for (int tap = 0; tap < shape.taps(); tap++) {
    const Term term = {tap / shape.kernel_columns / shape.kernel_rows,
                       tap / shape.kernel_columns % shape.kernel_rows,
                       tap % shape.kernel_columns, 0};
    const W *weights = tensors.weight + weight_row(shape, term) * shape.out_channels + channel;
    const float *inputs[kFp32Pixels];
    float products[kFp32Pixels] = {};
#pragma unroll
    for (int i = 0; i < kFp32Pixels; i++) {
      const bool present = is_inside(shape, windows[i], term);
      inputs[i] = present ? input_of(tensors, shape, windows[i], term) : nullptr;
    }
    for (int k = 0; k < shape.channels; k++) {
      const float weight = to_float(weights[int64_t(k) * shape.out_channels]);
#pragma unroll
      for (int i = 0; i < kFp32Pixels; i++) {
        if (inputs[i] != nullptr) products[i] = fmaf(inputs[i][k], weight, products[i]);
      }
    }
#pragma unroll
    for (int i = 0; i < kFp32Pixels; i++) sums[i] += products[i];
  }
#pragma unroll
  for (int i = 0; i < kFp32Pixels; i++) {
    const int pixel = first_pixel + i;
    if (pixel < shape.pixels) tensors.out[int64_t(pixel) * shape.out_channels + channel] = sums[i];
  }
}

// The arguments of every entry point, in the order of ConvLauncher.java.
#define CONV_PARAMETERS(T, W)                                                                    \
  const T *history, const T *x, const W *weight, const float *bias, T *out, int history_frames,  \
      int rows, int columns, int channels, int pixels, int out_rows, int out_columns,            \
      int out_channels, int kernel_frames, int kernel_rows, int kernel_columns, int time_stride, \
      int stride, int top, int left, int repeats
#define CONV_OPERANDS {history, x, weight, bias, out}
#define CONV_SHAPE                                                                       \
  {history_frames, rows,        columns,     channels,       pixels,                     \
   out_rows,       out_columns, out_channels, kernel_frames, kernel_rows, kernel_columns, \
   time_stride,    stride,      top,          left,          repeats}

// An entry point name_<suffix> of conv_tensor_cores.
#define CONV_TILE(name, T, suffix, block_m, block_n, warps_m, in_chunks)               \
  extern "C" __global__ void __launch_bounds__(kConvThreads)                           \
      name##_##suffix(CONV_PARAMETERS(T, T)) {                                         \
    const ConvOperands<T, T> tensors = CONV_OPERANDS;                                  \
    const ConvShape shape = CONV_SHAPE;                                                \
    conv_tensor_cores<T, block_m, block_n, warps_m, in_chunks>(tensors, shape);        \
  }                                                                                    \
  KERNEL_EXPORT(name##_##suffix)

// The tiles of one dtype, in the order of preference of ConvLauncher.java.
#define CONV_TILES(name, T, suffix)                            \
  CONV_TILE(name##_128x96, T, suffix, 128, 96, 2, true)        \
  CONV_TILE(name##_128x64, T, suffix, 128, 64, 2, true)        \
  CONV_TILE(name##_64x64, T, suffix, 64, 64, 2, true)          \
  CONV_TILE(name##_128x32, T, suffix, 128, 32, 4, true)        \
  CONV_TILE(name##_128x16, T, suffix, 128, 16, 4, true)        \
  CONV_TILE(name##_elements, T, suffix, 128, 96, 2, false)

#define CONV_FP32(name, W, suffix)                                                        \
  extern "C" __global__ void __launch_bounds__(kFp32Threads)                              \
      name##_f32_##suffix(CONV_PARAMETERS(float, W)) {                                    \
    const ConvOperands<float, W> tensors = CONV_OPERANDS;                                 \
    const ConvShape shape = CONV_SHAPE;                                                   \
    conv_fp32<W>(tensors, shape);                                                         \
  }                                                                                       \
  KERNEL_EXPORT(name##_f32_##suffix)
