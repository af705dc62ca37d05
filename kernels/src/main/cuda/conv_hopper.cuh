// What a block of ConvHopper.cu works on: tiles of an output, and the rings of shared memory that its
// inputs arrive in.
#pragma once

#include "hopper.cuh"

constexpr int kTileWidth = 16;
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
  static constexpr int kColumns = kChannels;
  static constexpr int kChunks = (kColumns + kChunkColumns - 1) / kChunkColumns;
  static constexpr int kPixelSlots = kPixelRing;
  static constexpr int kWeightSlots = kWeightRing;
  static constexpr int kPixelSlotBytes =
      (kTileRows + kMostKernelRows - 1) * kTileWidth * kRowBytes;
  static constexpr int kWeightSlotBytes = kChunks * kChunkBytes;
  static constexpr int kWeights = kPixelSlots * kPixelSlotBytes;
  static constexpr int kBarriers = kWeights + kWeightSlots * kWeightSlotBytes;
  // Pixels of a warpgroup, in parts of 64.
  static constexpr int kGroupBytes = kTileRows / kConsumers * kTileWidth * kRowBytes;
  static constexpr int kParts = kTileRows * kTileWidth / kConsumers / kPartPixels;
  static constexpr int kPartRows = kPartPixels / kTileWidth;
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

// Output (t, y, x) sums the inputs (t * time_stride + a, y + b - top, x + c - left); frame 0 is the
// first one of the history, and x follows it.
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
  int top;
  int left;
  int repeats;  // whether the frame's edge goes on outside, where there are zeros otherwise

  // Channels of the group that begins with one.
  DEV int group(int channel) const { return min(kGroup, channels - channel); }
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
        across_columns((shape.out_columns + kTileWidth - 1) / kTileWidth),
        across_rows((shape.out_rows + Shape::kTileRows - 1) / Shape::kTileRows),
        count(across_channels * across_columns * across_rows * shape.out_frames) {}

  DEV Place place(int tile) const {
    const int line = tile / across_channels / across_columns;
    return {line / across_rows, line % across_rows * Shape::kTileRows,
            tile / across_channels % across_columns * kTileWidth,
            tile % across_channels * Shape::kColumns};
  }
};
