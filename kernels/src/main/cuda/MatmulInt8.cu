// MatmulInt8 on GPUs of any generation: x [M, K] times the transpose of weight [N, K], both int8,
// scaled at the end.
//
// Where K is a multiple of 16 and rows begin at multiples of 16 bytes, on tensor cores, whose sums in
// int32 are exact:
//
//   slot: x [kTileM][64], weight [kTileN][64]  ->  ldmatrix  ->  mma.sync m16n8k32
//
// The rest is computed by warps with their lanes along K, as in MatmulSimt.cu, in fp32.
#include "matmul_scaled.cuh"

template <typename Shape, typename Epilogue>
DEV void matmul_tile(const int8_t *x, const int8_t *weight, int rows, int columns, int depth,
                     const Epilogue &epilogue) {
  DYN_SMEM(int8_t, ring);
  const int first_row = blockIdx.x * Shape::kTileM;
  const int first_column = blockIdx.y * Shape::kTileN;
  Sums<Shape, int> exact = {};
  for_each_slice<Shape>(ring, x, weight, first_row, first_column, rows, columns, depth,
                        [&](int8_t *x_slot, int8_t *weight_slot) {
                          multiply_slots<Shape>(x_slot, weight_slot, exact);
                        });
  Sums<Shape> sums;
#pragma unroll
  for (int i = 0; i < Shape::kWarpM / 16; i++) {
#pragma unroll
    for (int j = 0; j < Shape::kWarpN / 8; j++) {
#pragma unroll
      for (int s = 0; s < 4; s++) sums[i][j][s] = float(exact[i][j][s]);
    }
  }
  store_tile<Shape>(sums, ring, first_row, first_column, rows, columns, epilogue);
}

// An operand of products without tensor cores; see PlainRows.
struct Int8Rows {
  const int8_t *matrix;
  int depth;
  // Whether four elements, in any row, can be loaded at once.
  bool fours;

  DEV Int8Rows(const int8_t *matrix, int depth)
      : matrix(matrix),
        depth(depth),
        fours(depth % kLaneDepth == 0 && reinterpret_cast<uintptr_t>(matrix) % kLaneDepth == 0) {}

  DEV const int8_t *row(int index) const { return matrix + size_t(index) * depth; }

  DEV void load(const int8_t *row, int k, float (&values)[kLaneDepth]) const {
    if (fours && k < depth) {
      const uint32_t word = *reinterpret_cast<const uint32_t *>(row + k);
#pragma unroll
      for (int e = 0; e < kLaneDepth; e++) values[e] = float(int8_t(word >> 8 * e));
      return;
    }
#pragma unroll
    for (int e = 0; e < kLaneDepth; e++) values[e] = k + e < depth ? float(row[k + e]) : 0.0f;
  }
};

template <typename Shape, typename Epilogue>
DEV void matmul_patch(const int8_t *x, const int8_t *weight, int rows, int columns, int depth,
                      const Epilogue &epilogue) {
  matmul<Shape>(Int8Rows(x, depth), Int8Rows(weight, depth), rows, columns, depth, epilogue);
}

SCALED_MATMULS(matmul_int8, int8_t)
