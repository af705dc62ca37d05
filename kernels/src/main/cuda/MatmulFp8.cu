// MatmulFp8 on GPUs of any generation: x [M, K] times the transpose of weight [N, K], both e4m3, sums
// in fp32, scaled at the end.
//
// Where K is a multiple of 16 and rows begin at multiples of 16 bytes, on tensor cores: slices of 64
// along K come into shared memory as bytes, and become fp16, exactly, in registers:
//
//   slot: x [kTileM][64], weight [kTileN][64]  ->  ldmatrix  ->  fp16  ->  mma.sync m16n8k16
//
// A lane gets four neighbours along K in a word. Which of the 16 columns of a fragment they become
// does not matter, as long as it is the same for x and weight: the first and third become the two
// of the left half, the second and fourth those of the right one, which takes no shuffles.
//
// Every sum is taken over K in steps of 16, in order, by every tile: its bits depend on K alone. The
// rest is computed by warps with their lanes along K, as in MatmulSimt.cu.
//
// Widening takes ten instructions for four codes, and the square tile of a warp keeps them few: 64 x 64
// needs 640 of them, on half as many lanes as a warp has, for 128 products of 8 cycles.
#include "e4m3.cuh"
#include "matmul_scaled.cuh"

// What sums of products of fragments lack.
constexpr float kSumScale = kE4m3OverHalf * kE4m3OverHalf;

DEV void load4(const e4m3 *from, float (&values)[kLaneDepth]) {
  uint32_t even;
  uint32_t odd;
  widen_e4m3(*reinterpret_cast<const uint32_t *>(from), even, odd);
  const float2 first_third = unpack_half(even);
  const float2 second_fourth = unpack_half(odd);
  values[0] = kE4m3OverHalf * first_third.x;
  values[1] = kE4m3OverHalf * second_fourth.x;
  values[2] = kE4m3OverHalf * first_third.y;
  values[3] = kE4m3OverHalf * second_fourth.y;
}

// Adds the product of a slot to the warp's sums.
template <typename Shape>
DEV void multiply(const e4m3 *x, const e4m3 *weight, Sums<Shape> &sums) {
  constexpr int kRowGroups = Shape::kWarpM / 16;
  constexpr int kColumnGroups = Shape::kWarpN / 8;
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int chunk = 0; chunk < kChunks; chunk += 2) {
    // Fragments of two steps, 16 along K each.
    uint32_t a[2][kRowGroups][4];
#pragma unroll
    for (int i = 0; i < kRowGroups; i++) {
      uint32_t codes[4];
      const int row = Shape::warp_row() + 16 * i + lane % 16;
      ldmatrix_x4(codes, chunk_at(x, row, chunk + lane / 16));
#pragma unroll
      for (int step = 0; step < 2; step++) {
        uint32_t(&fragment)[4] = a[step][i];
        widen_e4m3(codes[2 * step], fragment[0], fragment[2]);
        widen_e4m3(codes[2 * step + 1], fragment[1], fragment[3]);
      }
    }
#pragma unroll
    for (int j = 0; j < kColumnGroups; j += 2) {
      uint32_t codes[4];
      const int row = Shape::warp_column() + 8 * j + lane / 16 * 8 + lane % 8;
      ldmatrix_x4(codes, chunk_at(weight, row, chunk + lane / 8 % 2));
#pragma unroll
      for (int word = 0; word < 4; word++) {
        uint32_t b0;
        uint32_t b1;
        widen_e4m3(codes[word], b0, b1);
#pragma unroll
        for (int i = 0; i < kRowGroups; i++) {
          mma<half>(sums[i][j + word / 2], a[word % 2][i], b0, b1);
        }
      }
    }
  }
}

template <typename Shape, typename Epilogue>
DEV void matmul_tile(const e4m3 *x, const e4m3 *weight, int rows, int columns, int depth,
                     const Epilogue &epilogue) {
  DYN_SMEM(e4m3, ring);
  const int first_row = blockIdx.x * Shape::kTileM;
  const int first_column = blockIdx.y * Shape::kTileN;
  Sums<Shape> sums = {};
  for_each_slice<Shape>(ring, x, weight, first_row, first_column, rows, columns, depth,
                        [&](const e4m3 *x_slot, const e4m3 *weight_slot) {
                          multiply<Shape>(x_slot, weight_slot, sums);
                        });
#pragma unroll
  for (int i = 0; i < Shape::kWarpM / 16; i++) {
#pragma unroll
    for (int j = 0; j < Shape::kWarpN / 8; j++) {
#pragma unroll
      for (float &sum : sums[i][j]) sum *= kSumScale;
    }
  }
  store_tile<Shape>(sums, ring, first_row, first_column, rows, columns, epilogue);
}

template <typename Shape, typename Epilogue>
DEV void matmul_patch(const e4m3 *x, const e4m3 *weight, int rows, int columns, int depth,
                      const Epilogue &epilogue) {
  matmul<Shape>(PlainRows<e4m3>(x, depth), PlainRows<e4m3>(weight, depth), rows, columns, depth,
                epilogue);
}

SCALED_MATMULS(matmul_fp8, e4m3)
