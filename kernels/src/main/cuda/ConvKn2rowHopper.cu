// CausalConv3d and Conv2d for compute capability 9.0 with few output channels, as the last layer of a
// decoder has them: 16-bit frames, kernels of 3 x 3 in each frame, no stride along rows and columns.
//
// Few channels would leave a tile of pixels x channels empty, and each pixel is read once for each
// kernel position. So the nine positions of a kernel frame lie side by side as columns of one
// product (kn2row, arXiv 1704.04428): pixels x input channels, times input channels x positions and
// output channels. Then every output adds its nine sums, those of as many pixels.
//
// A block computes tiles of 14 x 14 outputs from boxes of 16 x 16 pixels. One thread of its third
// warpgroup copies, for 64 input channels and one kernel frame, the box and the weights; the first two
// warpgroups multiply half of the pixels each. Sums run over 64 input channels, kernel frames and those
// channels in steps of 16, and over positions last, whatever the number of output channels.
//
//   pixels: 16 x 16 x 64 channels, K-major with the 128-byte swizzle
//   weight: 64 input channels x columns in chunks of 64, as conv_kn2row_weight leaves it: columns fastest
//
// Bound by bytes from L2.
#include "conv_hopper.cuh"

constexpr int kKernel = 3;
constexpr int kBoxRows = 16;
constexpr int kBoxPixels = kBoxRows * kBoxColumns;
constexpr int kBoxBytes = kBoxPixels * kRowBytes;
constexpr int kWeightThreads = 256;

// A tile for so many output channels at most, a multiple of four.
template <int kMostChannels, int kRing>
struct Positions {
  static constexpr int kTileRows = kBoxRows - kKernel + 1;
  static constexpr int kTileColumns = kBoxColumns - kKernel + 1;
  static constexpr int kChannels = kMostChannels;
  // Columns of the three positions of a kernel row, whole eights of wgmma's, and those of all rows as
  // they lie in memory and as they are multiplied.
  static constexpr int kRowColumns = (kKernel * kChannels + 7) / 8 * 8;
  static constexpr int kStoredColumns = kKernel * kRowColumns;
  static constexpr int kChunks = (kStoredColumns + kChunkColumns - 1) / kChunkColumns;
  static constexpr int kColumns = kChunks * kChunkColumns;
  static constexpr int kParts = kBoxPixels / kConsumers / kPartPixels;
  static constexpr int kSlots = kRing;
  static constexpr int kSlotBytes = kBoxBytes + kChunks * kChunkBytes;
  // The sums of a kernel row. Four pixels, which a warp writes at once, lie in different banks.
  static constexpr int kPixelSums = kRowColumns % 16 == 8 ? kRowColumns : kRowColumns + 8;
  static constexpr int kExchange = kSlots * kSlotBytes;
  static constexpr int kBarriers = kExchange + kBoxPixels * kPixelSums * int(sizeof(float));
};

using UpTo4 = Positions<4, 5>;
using UpTo12 = Positions<12, 3>;

template <typename Shape>
using Slots = Ring<Shape::kSlots, Shape::kSlotBytes>;

// Copies all inputs of all tiles of a block.
template <typename Shape>
DEV void produce(const Maps &maps, const ConvShape &shape, Slots<Shape> slots) {
  const Tiles<Shape> tiles(shape);
  for (int tile = blockIdx.x; tile < tiles.count; tile += gridDim.x) {
    const Place place = tiles.place(tile);
    for (int channel = 0; channel < shape.channels; channel += kGroup) {
      for (int a = 0; a < shape.kernel_frames; a++) {
        // The phase before the first one counts as over: empty slots need not be waited for.
        mbar_wait(slots.empty(), slots.phase ^ 1);
        mbar_expect_tx(slots.full(), Shape::kSlotBytes);
        load_pixels(maps, shape, slots.at(), channel, place.column - shape.left,
                    place.row - shape.top, place.frame * shape.time_stride + a, slots.full());
        for (int chunk = 0; chunk < Shape::kChunks; chunk++) {
          tma_load_3d(slots.at() + kBoxBytes + chunk * kChunkBytes, maps.weight,
                      chunk * kChunkColumns, channel, a, slots.full());
        }
        slots.advance();
      }
    }
  }
  admit_next_kernel();
}

// Takes the sums of a warpgroup's half of a box.
template <typename T, typename Shape>
DEV void multiply(const ConvShape &shape, const Place &place, unsigned char *shared,
                  Slots<Shape> &slots, float (&sums)[Shape::kParts][Shape::kColumns / 2]) {
  const int half = threadIdx.x / 128 * (kBoxBytes / kConsumers);
  // Barrier of the slot that the products before these read.
  uint32_t before = 0;
  for (int channel = 0; channel < shape.channels; channel += kGroup) {
    for (int a = 0; a < shape.kernel_frames; a++) {
      mbar_wait(slots.full(), slots.phase);
      repeat_edge(shape, shared + slots.slot * Shape::kSlotBytes, kBoxRows,
                  place.row - shape.top, place.column - shape.left);
      start_group<T, Shape>(shape.group(channel), slots.at() + half, slots.at() + kBoxBytes,
                            before != 0, sums);
      // These products run on; those before them are done with their slot.
      wgmma_wait<1>();
      if (before != 0) release(before);
      before = slots.empty();
      slots.advance();
    }
  }
  wgmma_wait<0>();
#pragma unroll
  for (int part = 0; part < Shape::kParts; part++) wgmma_hold(sums[part]);
  release(before);
}

// Stores the outputs of a tile. One kernel row after the other, warpgroups leave the sums of their
// pixels in shared memory; thread i adds those of the output whose kernel begins at pixel i of the box.
template <typename T, typename Shape>
DEV void store(const ConvShape &shape, const Place &place, float *exchange,
               const float (&biases)[Shape::kChannels], T *out,
               const float (&sums)[Shape::kParts][Shape::kColumns / 2]) {
  constexpr int kEights = Shape::kRowColumns / 8;
  const int lane = threadIdx.x % 32;
  const int first_pixel = threadIdx.x / 128 * (kBoxPixels / kConsumers) +
                          threadIdx.x / 32 % 4 * kBoxColumns + lane / 4;
  const int row = threadIdx.x / kBoxColumns;
  const int column = threadIdx.x % kBoxColumns;
  const bool is_output = row < Shape::kTileRows && column < Shape::kTileColumns &&
                         place.row + row < shape.out_rows &&
                         place.column + column < shape.out_columns;
  float totals[Shape::kChannels];
#pragma unroll
  for (int i = 0; i < Shape::kChannels; i++) totals[i] = biases[i];
#pragma unroll
  for (int b = 0; b < kKernel; b++) {
    // All have read the sums that lie there.
    named_barrier_sync(1, 128 * kConsumers);
#pragma unroll
    for (int part = 0; part < Shape::kParts; part++) {
#pragma unroll
      for (int i = 0; i < kEights; i++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const float *pair = &sums[part][(b * kEights + i) * 4 + half * 2];
          const int pixel = first_pixel + part * kPartPixels + half * 8;
          float *to = exchange + pixel * Shape::kPixelSums + i * 8 + lane % 4 * 2;
          *reinterpret_cast<float2 *>(to) = make_float2(pair[0], pair[1]);
        }
      }
    }
    named_barrier_sync(1, 128 * kConsumers);
    if (!is_output) continue;
#pragma unroll
    for (int c = 0; c < kKernel; c++) {
      const int pixel = threadIdx.x + b * kBoxColumns + c;
      const float *from = exchange + pixel * Shape::kPixelSums + c * Shape::kChannels;
#pragma unroll
      for (int i = 0; i < Shape::kChannels; i += 4) {
        const float4 four = *reinterpret_cast<const float4 *>(from + i);
        totals[i] += four.x;
        totals[i + 1] += four.y;
        totals[i + 2] += four.z;
        totals[i + 3] += four.w;
      }
    }
  }
  if (!is_output) return;
  const int64_t line = int64_t(place.frame * shape.out_rows + place.row + row) * shape.out_columns;
  T *to = out + (line + place.column + column) * shape.out_channels;
  const bool in_pairs =
      shape.out_channels % 2 == 0 && reinterpret_cast<uintptr_t>(out) % sizeof(uint32_t) == 0;
#pragma unroll
  for (int i = 0; i < Shape::kChannels; i += 2) {
    if (in_pairs && i < shape.out_channels) {
      *reinterpret_cast<uint32_t *>(to + i) = pack<T>(totals[i], totals[i + 1]);
    } else {
      if (i < shape.out_channels) to[i] = from_float<T>(totals[i]);
      if (i + 1 < shape.out_channels) to[i + 1] = from_float<T>(totals[i + 1]);
    }
  }
}

template <typename T, typename Shape>
DEV void conv_kn2row(const Maps &maps, const float *bias, T *out, const ConvShape &shape) {
  DYN_SMEM(unsigned char, shared);
  const uint32_t first = smem_u32(shared);
  Slots<Shape> slots{first, first + Shape::kBarriers};
  if (threadIdx.x == 0) {
    maps.prefetch();
    slots.init();
  }
  wait_for_previous_kernel();
  __syncthreads();

  if (threadIdx.x >= 128 * kConsumers) {
    registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 128 * kConsumers) produce<Shape>(maps, shape, slots);
    return;
  }
  registers_increase<kConsumerRegisters>();
  float biases[Shape::kChannels];
#pragma unroll
  for (int i = 0; i < Shape::kChannels; i++) {
    biases[i] = bias != nullptr && i < shape.out_channels ? bias[i] : 0.0f;
  }
  float *exchange = reinterpret_cast<float *>(shared + Shape::kExchange);
  const Tiles<Shape> tiles(shape);
  for (int tile = blockIdx.x; tile < tiles.count; tile += gridDim.x) {
    const Place place = tiles.place(tile);
    float sums[Shape::kParts][Shape::kColumns / 2];
    multiply<T, Shape>(shape, place, shared, slots, sums);
    store<T, Shape>(shape, place, exchange, biases, out, sums);
  }
}

// Brings the bits of a weight [frames, 3, 3, Ci, Co] into the columns of the product, [frames, Ci, 3 x
// kRowColumns]; those that are no channel become zero. A thread writes one element.
template <typename Shape>
DEV void conv_kn2row_weight(const uint16_t *weight, uint16_t *out, int count, int channels,
                            int out_channels) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int i = blockIdx.x * kWeightThreads + threadIdx.x;
  if (i >= count) return;
  const int column = i % Shape::kStoredColumns;
  const int row = i / Shape::kStoredColumns;
  const int b = column / Shape::kRowColumns;
  const int c = column % Shape::kRowColumns / Shape::kChannels;
  const int out_channel = column % Shape::kRowColumns % Shape::kChannels;
  const bool exists = c < kKernel && out_channel < out_channels;
  const int tap = (row / channels * kKernel + b) * kKernel + c;
  const int64_t from = (int64_t(tap) * channels + row % channels) * out_channels + out_channel;
  out[i] = exists ? weight[from] : uint16_t(0);
}

#define CONV_KN2ROW(suffix, T, Shape)                                      \
  extern "C" __global__ void __launch_bounds__(kThreads, 1)                \
      conv_kn2row_##suffix(CONV_HOPPER_PARAMETERS(T)) {                    \
    conv_kn2row<T, Shape>(CONV_HOPPER_MAPS, bias, out, CONV_HOPPER_SHAPE); \
  }                                                                        \
  KERNEL_EXPORT(conv_kn2row_##suffix)

#define CONV_KN2ROW_WEIGHT(suffix, Shape)                                                   \
  extern "C" __global__ void __launch_bounds__(kWeightThreads) conv_kn2row_weight_##suffix( \
      const uint16_t *weight, uint16_t *out, int count, int channels, int out_channels) {   \
    conv_kn2row_weight<Shape>(weight, out, count, channels, out_channels);                  \
  }                                                                                         \
  KERNEL_EXPORT(conv_kn2row_weight_##suffix)

CONV_KN2ROW(bf16_4, bf16, UpTo4)
CONV_KN2ROW(f16_4, half, UpTo4)
CONV_KN2ROW(bf16_12, bf16, UpTo12)
CONV_KN2ROW(f16_12, half, UpTo12)
CONV_KN2ROW_WEIGHT(4, UpTo4)
CONV_KN2ROW_WEIGHT(12, UpTo12)
