// What ConvHopper.cu and ConvKn2rowHopper.cu share: the tiles of an output that a block works on, the
// rings of shared memory that its inputs arrive in, boxes of pixels and their edges, and products.
#pragma once

#include "hopper.cuh"

// Columns of a box of pixels.
constexpr int kBoxColumns = 16;
constexpr int kMostKernelRows = 3;
// Channels of a row of pixels in shared memory, as wide as the swizzle, and those of one wgmma.
constexpr int kGroup = 64;
constexpr int kStep = 16;
constexpr int kRowBytes = 128;
constexpr int kStepBytes = 32;
// Weights arrive in boxes of so many input channels by 64 output channels.
constexpr int kWeightRows = 32;
constexpr int kChunkColumns = 64;
constexpr int kChunkBytes = kGroup * kRowBytes;
// Pixels that one wgmma multiplies.
constexpr int kPartPixels = 64;

constexpr int kConsumers = 2;
constexpr int kConsumerWarps = 4 * kConsumers;
constexpr int kThreads = 128 * (kConsumers + 1);
// Registers of a thread: 128 * 40 + 256 * 232 of the 65536 that a multiprocessor has.
constexpr int kProducerRegisters = 40;
constexpr int kConsumerRegisters = 232;

template <int kRows, int kChannels, int kPixelRing, int kWeightRing>
struct Tile {
  static constexpr int kTileRows = kRows;
  static constexpr int kTileColumns = kBoxColumns;
  static constexpr int kColumns = kChannels;
  static constexpr int kChunks = (kColumns + kChunkColumns - 1) / kChunkColumns;
  static constexpr int kPixelSlots = kPixelRing;
  static constexpr int kWeightSlots = kWeightRing;
  static constexpr int kPixelSlotBytes =
      (kTileRows + kMostKernelRows - 1) * kBoxColumns * kRowBytes;
  static constexpr int kWeightSlotBytes = kChunks * kChunkBytes;
  static constexpr int kWeights = kPixelSlots * kPixelSlotBytes;
  static constexpr int kBarriers = kWeights + kWeightSlots * kWeightSlotBytes;
  // Pixels of a warpgroup, in parts of 64.
  static constexpr int kGroupBytes = kTileRows / kConsumers * kBoxColumns * kRowBytes;
  static constexpr int kParts = kTileRows * kBoxColumns / kConsumers / kPartPixels;
  static constexpr int kPartRows = kPartPixels / kBoxColumns;
};

// Slots that are filled and emptied in turn, with two barriers for each.
template <int kSlots, int kSlotBytes>
struct Ring {
  uint32_t slots;
  uint32_t barriers;
  int slot = 0;
  int phase = 0;

  DEV uint32_t at() const { return slots + slot * kSlotBytes; }
  DEV uint32_t full() const { return barriers + 8 * slot; }
  DEV uint32_t empty() const { return full() + 8 * kSlots; }

  DEV void init() const {
    for (Ring each = *this; each.phase == 0; each.advance()) {
      mbar_init(each.full(), 1);
      mbar_init(each.empty(), kConsumerWarps);
    }
  }

  DEV void advance() {
    slot++;
    if (slot == kSlots) {
      slot = 0;
      phase ^= 1;
    }
  }
};

template <typename Shape>
struct Rings {
  Ring<Shape::kPixelSlots, Shape::kPixelSlotBytes> pixels;
  Ring<Shape::kWeightSlots, Shape::kWeightSlotBytes> weights;

  DEV explicit Rings(uint32_t shared)
      : pixels{shared, shared + Shape::kBarriers},
        weights{shared + Shape::kWeights,
                shared + Shape::kBarriers + 16 * Shape::kPixelSlots} {}
};

// Output (t, y, x) sums the inputs (t * time_stride + a, y * stride + b - top, x * stride + c - left);
// frame 0 is the first one of the history, and x follows it.
struct ConvShape {
  int history_frames;
  int rows;
  int columns;
  int channels;
  int out_frames;
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

  // Kernel rows that begin a box: those whole strides below each other read the same one.
  DEV int first_rows() const { return min(stride, kernel_rows); }

  // Channels of the group that begins with one.
  DEV int group(int channel) const { return min(kGroup, channels - channel); }
};

struct Maps {
  const CUtensorMap *history;
  const CUtensorMap *x;
  const CUtensorMap *weight;

  DEV void prefetch() const {
    tma_prefetch(history);
    tma_prefetch(x);
    tma_prefetch(weight);
  }
};

// Where a tile lies in the output.
struct Place {
  int frame;
  int row;
  int column;
  int channel;
};

// The tiles of an output: channels first, then columns, rows and frames.
template <typename Shape>
struct Tiles {
  int across_channels;
  int across_columns;
  int across_rows;
  int count;

  DEV explicit Tiles(const ConvShape &shape)
      : across_channels((shape.out_channels + Shape::kColumns - 1) / Shape::kColumns),
        across_columns((shape.out_columns + Shape::kTileColumns - 1) / Shape::kTileColumns),
        across_rows((shape.out_rows + Shape::kTileRows - 1) / Shape::kTileRows),
        count(across_channels * across_columns * across_rows * shape.out_frames) {}

  DEV Place place(int tile) const {
    const int line = tile / across_channels / across_columns;
    return {line / across_rows, line % across_rows * Shape::kTileRows,
            tile / across_channels % across_columns * Shape::kTileColumns,
            tile % across_channels * Shape::kColumns};
  }
};

// Copies a box of 64 channels of an input frame.
DEV void load_pixels(const Maps &maps, const ConvShape &shape, uint32_t to, int channel,
                     int column, int row, int frame, uint32_t barrier) {
  const bool is_past = frame < shape.history_frames;
  tma_load_4d(to, is_past ? maps.history : maps.x, channel, column, row,
              is_past ? frame : frame - shape.history_frames, barrier);
}

// Says that the calling warp has read a slot.
DEV void release(uint32_t empty) {
  if (threadIdx.x % 32 == 0) mbar_arrive(empty);
}

// Where a pixel of a row or column of a frame is taken from, if its edge goes on outside.
DEV int repeated(int place, int extent) { return min(max(place, 0), extent - 1); }

// Copies the nearest pixels of the frame over those of a box that lie outside. The frame has pixels in
// every row and in every column of boxes: the launcher sees to that.
DEV void repeat_edge(const ConvShape &shape, unsigned char *box, int rows, int first_row,
                     int first_column) {
  const bool is_inside = first_row >= 0 && first_row + rows <= shape.rows && first_column >= 0 &&
                         first_column + kBoxColumns <= shape.columns;
  if (!shape.repeats || is_inside) return;
  constexpr int kCopies = kRowBytes / sizeof(uint4);
  uint4 *copies = reinterpret_cast<uint4 *>(box);
  for (int i = threadIdx.x; i < rows * kBoxColumns * kCopies; i += 128 * kConsumers) {
    const int pixel = i / kCopies;
    const int row = repeated(first_row + pixel / kBoxColumns, shape.rows) - first_row;
    const int column = repeated(first_column + pixel % kBoxColumns, shape.columns) - first_column;
    const int from = row * kBoxColumns + column;
    if (from != pixel) {
      // Within eight pixels the swizzle moves 16 bytes.
      const int moved = (i ^ pixel ^ from) % kCopies;
      copies[i] = copies[from * kCopies + moved];
    }
  }
  fence_proxy_async();
  named_barrier_sync(1, 128 * kConsumers);
}

// Starts the products of kSteps times 16 channels.
template <typename T, typename Shape, int kSteps>
DEV void start(uint32_t pixels, uint32_t weights, bool accumulate,
               float (&sums)[Shape::kParts][Shape::kColumns / 2]) {
  wgmma_fence();
#pragma unroll
  for (int k = 0; k < kSteps; k++) {
    const uint64_t weight = descriptor_mn_major(weights + k * kStep * kRowBytes, kChunkBytes);
#pragma unroll
    for (int part = 0; part < Shape::kParts; part++) {
      const uint32_t a = pixels + part * kPartPixels * kRowBytes + k * kStepBytes;
      wgmma<T, Shape::kColumns, kMajorMN>(sums[part], descriptor_k_major(a), weight,
                                          accumulate || k > 0);
    }
  }
  wgmma_commit();
}

// The same for the channels of a group, in whole steps.
template <typename T, typename Shape>
DEV void start_group(int channels, uint32_t pixels, uint32_t weights, bool accumulate,
                     float (&sums)[Shape::kParts][Shape::kColumns / 2]) {
  switch ((channels + kStep - 1) / kStep) {
    case 4: start<T, Shape, 4>(pixels, weights, accumulate, sums); break;
    case 3: start<T, Shape, 3>(pixels, weights, accumulate, sums); break;
    case 2: start<T, Shape, 2>(pixels, weights, accumulate, sums); break;
    default: start<T, Shape, 1>(pixels, weights, accumulate, sums); break;
  }
}

// The arguments of every entry point, in the order of ConvHopperLauncher.java.
#define CONV_HOPPER_PARAMETERS(T)                                                                \
  const __grid_constant__ CUtensorMap history, const __grid_constant__ CUtensorMap x,            \
      const __grid_constant__ CUtensorMap weight, const float *bias, T *out, int history_frames, \
      int rows, int columns, int channels, int out_frames, int out_rows, int out_columns,        \
      int out_channels, int kernel_frames, int kernel_rows, int kernel_columns, int time_stride, \
      int stride, int top, int left, int repeats
#define CONV_HOPPER_MAPS {&history, &x, &weight}
#define CONV_HOPPER_SHAPE                                                                    \
  {history_frames, rows,         columns,       channels,    out_frames,     out_rows,    \
   out_columns,    out_channels, kernel_frames, kernel_rows, kernel_columns, time_stride, \
   stride,         top,          left,          repeats}
