// CausalConv3d and Conv2d for compute capability 9.0: 16-bit frames, channels in multiples of eight,
// kernels of up to three rows, strides of one or two along rows and columns.
//
// A block computes a tile of kTileRows x 16 output pixels of one frame and kColumns channels. One
// thread of its third warpgroup copies, for 64 input channels, one kernel frame and one kernel column,
// a box of (kTileRows + 2) x 16 pixels: the kernel's rows all read it, each 16 pixels further on. With
// a stride of two the box leaves out every second row and column, and the middle row of the kernel,
// which reads those left out, has a box of its own behind that of the others. The weights of each row
// follow in a ring of their own. What lies outside the frame, or behind the last channel, arrives as
// zeros; a repeated edge is copied over them in shared memory. The first two warpgroups multiply half
// of the pixels each.
//
//   pixels: box rows x 16 columns x 64 channels, K-major with the 128-byte swizzle
//   weight: 64 input channels x kColumns in chunks of 64, as it lies in memory: output channels fastest
//
// Sums run over 64 input channels, kernel frames, columns, boxes, rows and those channels in steps of
// 16, in this order whatever the tile. Blocks are as many as multiprocessors and walk over the tiles, those
// of the same pixels one after the other; while a tile is stored, the next one's inputs arrive.
//
// Bound by arithmetic and, at 96 channels, by shared memory.
#include "conv_hopper.cuh"

using Large128 = Tile<16, 128, 3, 7>;
using Large96 = Tile<16, 96, 3, 7>;
using Small128 = Tile<8, 128, 4, 8>;
using Small96 = Tile<8, 96, 4, 8>;

// Copies all inputs of all tiles of a block.
template <typename Shape>
DEV void produce(const Maps &maps, const ConvShape &shape, Rings<Shape> rings) {
  const Tiles<Shape> tiles(shape);
  const int box_rows = Shape::kTileRows + (shape.kernel_rows - 1) / shape.stride;

  auto load_box = [&](const Place &place, int channel, int a, int b, int c) {
    // The phase before the first one counts as over: empty slots need not be waited for.
    mbar_wait(rings.pixels.empty(), rings.pixels.phase ^ 1);
    mbar_expect_tx(rings.pixels.full(), box_rows * kBoxColumns * kRowBytes);
    load_pixels(maps, shape, rings.pixels.at(), channel,
                place.column * shape.stride + c - shape.left,
                place.row * shape.stride + b - shape.top,
                place.frame * shape.time_stride + a, rings.pixels.full());
    rings.pixels.advance();
  };
  auto load_weights = [&](const Place &place, int channel, int tap) {
    const int boxes = (shape.group(channel) + kWeightRows - 1) / kWeightRows;
    mbar_wait(rings.weights.empty(), rings.weights.phase ^ 1);
    mbar_expect_tx(rings.weights.full(), boxes * Shape::kChunks * kWeightRows * kRowBytes);
    for (int chunk = 0; chunk < Shape::kChunks; chunk++) {
      for (int box = 0; box < boxes; box++) {
        tma_load_3d(rings.weights.at() + chunk * kChunkBytes + box * kWeightRows * kRowBytes,
                    maps.weight, place.channel + chunk * kChunkColumns,
                    channel + box * kWeightRows, tap, rings.weights.full());
      }
    }
    rings.weights.advance();
  };

  for (int tile = blockIdx.x; tile < tiles.count; tile += gridDim.x) {
    const Place place = tiles.place(tile);
    for (int channel = 0; channel < shape.channels; channel += kGroup) {
      for (int a = 0; a < shape.kernel_frames; a++) {
        for (int c = 0; c < shape.kernel_columns; c++) {
          for (int first = 0; first < shape.first_rows(); first++) {
            load_box(place, channel, a, first, c);
            for (int b = first; b < shape.kernel_rows; b += shape.stride) {
              const int tap = (a * shape.kernel_rows + b) * shape.kernel_columns + c;
              load_weights(place, channel, tap);
            }
          }
        }
      }
    }
  }
  admit_next_kernel();
}

// Takes the sums of a warpgroup's half of a tile.
template <typename T, typename Shape>
DEV void multiply(const ConvShape &shape, const Place &place, unsigned char *shared,
                  Rings<Shape> &rings,
                  float (&sums)[Shape::kParts][Shape::kColumns / 2]) {
  const int half = threadIdx.x / 128 * Shape::kGroupBytes;
  const int positions = shape.kernel_frames * shape.kernel_columns;
  // Barriers of slots that the products before these read; pixels are read until the last row.
  uint32_t weights_before = 0;
  uint32_t pixels_before = 0;
  bool accumulate = false;
  for (int channel = 0; channel < shape.channels; channel += kGroup) {
    for (int position = 0; position < positions; position++) {
      for (int first = 0; first < shape.first_rows(); first++) {
        mbar_wait(rings.pixels.full(), rings.pixels.phase);
        // Frames whose edge is repeated have a stride of one.
        repeat_edge(shape, shared + rings.pixels.slot * Shape::kPixelSlotBytes,
                    Shape::kTileRows + shape.kernel_rows - 1, place.row - shape.top,
                    place.column + position % shape.kernel_columns - shape.left);
        uint32_t pixels = rings.pixels.at() + half;
        for (int b = first; b < shape.kernel_rows; b += shape.stride) {
          mbar_wait(rings.weights.full(), rings.weights.phase);
          const uint32_t weights = rings.weights.at();
          start_group<T, Shape>(shape.group(channel), pixels, weights, accumulate, sums);
          accumulate = true;
          // These products run on; those before them are done with their slots.
          wgmma_wait<1>();
          if (weights_before != 0) release(weights_before);
          if (pixels_before != 0) release(pixels_before);
          weights_before = rings.weights.empty();
          pixels_before = 0;
          rings.weights.advance();
          pixels += kBoxColumns * kRowBytes;
        }
        pixels_before = rings.pixels.empty();
        rings.pixels.advance();
      }
    }
  }
  wgmma_wait<0>();
#pragma unroll
  for (int part = 0; part < Shape::kParts; part++) wgmma_hold(sums[part]);
  release(weights_before);
  release(pixels_before);
}

// Among four lanes, word i of lane q changes places with word q of lane i.
DEV void transpose_quad(uint32_t (&words)[4]) {
#pragma unroll
  for (int bit = 1; bit <= 2; bit *= 2) {
    const bool is_upper = threadIdx.x & bit;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (i & bit) continue;
      const uint32_t given = is_upper ? words[i] : words[i + bit];
      const uint32_t got = __shfl_xor_sync(kFullWarp, given, bit);
      words[i] = is_upper ? got : words[i];
      words[i + bit] = is_upper ? words[i + bit] : got;
    }
  }
}

// Stores the sums of a warpgroup, with the bias added. A warp has one row of 16 pixels of each part;
// four lanes have two channels each of every eight of a pixel, and store eight each of 32.
template <typename T, typename Shape>
DEV void store(const ConvShape &shape, const Place &place, const float *bias, T *out,
               const float (&sums)[Shape::kParts][Shape::kColumns / 2]) {
  const int lane = threadIdx.x % 32;
  const int warp = threadIdx.x / 32 % 4;
  const int first_row =
      place.row + threadIdx.x / 128 * (Shape::kTileRows / kConsumers) + warp;
#pragma unroll
  for (int i = 0; i < Shape::kColumns / 32; i++) {
    const int channel = place.channel + i * 32;
    float biases[8];
#pragma unroll
    for (int j = 0; j < 8; j++) {
      const int own = channel + j / 2 * 8 + lane % 4 * 2 + j % 2;
      biases[j] = bias != nullptr && own < shape.out_channels ? bias[own] : 0.0f;
    }
    const int stored = channel + lane % 4 * 8;
#pragma unroll
    for (int part = 0; part < Shape::kParts; part++) {
      const int row = first_row + part * Shape::kPartRows;
      const int64_t line = int64_t(place.frame * shape.out_rows + row) * shape.out_columns;
#pragma unroll
      for (int half = 0; half < 2; half++) {
        uint32_t words[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
          const float *pair = &sums[part][i * 16 + j * 4 + half * 2];
          words[j] = pack<T>(pair[0] + biases[2 * j], pair[1] + biases[2 * j + 1]);
        }
        transpose_quad(words);
        const int column = place.column + half * 8 + lane / 4;
        if (row < shape.out_rows && column < shape.out_columns && stored < shape.out_channels) {
          *reinterpret_cast<uint4 *>(out + (line + column) * shape.out_channels + stored) =
              make_uint4(words[0], words[1], words[2], words[3]);
        }
      }
    }
  }
}

template <typename T, typename Shape>
DEV void conv(const Maps &maps, const float *bias, T *out, const ConvShape &shape) {
  DYN_SMEM(unsigned char, shared);
  Rings<Shape> rings(smem_u32(shared));
  if (threadIdx.x == 0) {
    maps.prefetch();
    rings.pixels.init();
    rings.weights.init();
  }
  wait_for_previous_kernel();
  __syncthreads();

  if (threadIdx.x >= 128 * kConsumers) {
    registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 128 * kConsumers) produce(maps, shape, rings);
    return;
  }
  registers_increase<kConsumerRegisters>();
  const Tiles<Shape> tiles(shape);
  for (int tile = blockIdx.x; tile < tiles.count; tile += gridDim.x) {
    const Place place = tiles.place(tile);
    float sums[Shape::kParts][Shape::kColumns / 2];
    multiply<T>(shape, place, shared, rings, sums);
    store<T, Shape>(shape, place, bias, out, sums);
  }
}

#define CONV(suffix, T, Shape)                                      \
  extern "C" __global__ void __launch_bounds__(kThreads, 1)         \
      conv_hopper_##suffix(CONV_HOPPER_PARAMETERS(T)) {             \
    conv<T, Shape>(CONV_HOPPER_MAPS, bias, out, CONV_HOPPER_SHAPE); \
  }                                                                 \
  KERNEL_EXPORT(conv_hopper_##suffix)

CONV(bf16_256x128, bf16, Large128)
CONV(f16_256x128, half, Large128)
CONV(bf16_256x96, bf16, Large96)
CONV(f16_256x96, half, Large96)
CONV(bf16_128x128, bf16, Small128)
CONV(f16_128x128, half, Small128)
CONV(bf16_128x96, bf16, Small96)
CONV(f16_128x96, half, Small96)
