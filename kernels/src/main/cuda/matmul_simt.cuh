// Products without tensor cores, of operands of any storage.
//
// A warp computes a patch of kRows x kColumns of out with its lanes along K: lane l takes the
// elements 4l to 4l + 3 of every 128, sums them in order, and the sums of the lanes are added in
// the order of a tree. That order is the same for every patch and every alignment, so that the bits
// of a sum depend on K alone; it also keeps the rounding error of long sums small.
//
// The grid is one-dimensional over patches, those of the same columns side by side: warps of a
// block read the same weights. Few rows are bound by reading the weights once, many by fused
// multiply-adds: a patch of 8 x 8 does four for each value it loads through L1, where the two
// limits meet.
#pragma once

#include "matmul_epilogue.cuh"

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

// Elements along K that a lane and a warp take at a time.
constexpr int kLaneDepth = 4;
constexpr int kWarpDepth = 32 * kLaneDepth;

template <int kRowCount, int kColumnCount>
struct Patch {
  static constexpr int kRows = kRowCount;
  static constexpr int kColumns = kColumnCount;
};
// Up to four rows: weights are read once, and many warps share the reading.
using FewRows = Patch<4, 2>;
using ManyRows = Patch<8, 8>;

DEV void load4(const float *from, float (&values)[kLaneDepth]) {
  const float4 four = *reinterpret_cast<const float4 *>(from);
  values[0] = four.x;
  values[1] = four.y;
  values[2] = four.z;
  values[3] = four.w;
}
template <typename T>
DEV void load4(const T *from, float (&values)[kLaneDepth]) {
  const uint2 words = *reinterpret_cast<const uint2 *>(from);
  const float2 low = unpack<T>(words.x);
  const float2 high = unpack<T>(words.y);
  values[0] = low.x;
  values[1] = low.y;
  values[2] = high.x;
  values[3] = high.y;
}

// Loads up to four elements; those past the end of the row become zero.
template <typename T>
DEV void load_lane(const T *from, int present, bool fours, float (&values)[kLaneDepth]) {
  if (fours && present > 0) {
    load4(from, values);
  } else {
    load_some(from, present, values);
  }
}

// An operand that is stored as fp32, fp16 or bf16. Every operand has these members: what a row is
// known by, and the load of its elements from k on, a multiple of kLaneDepth; those past the end are
// zero.
template <typename T>
struct PlainRows {
  const T *matrix;
  int depth;
  // Whether four elements, in any row, can be loaded at once.
  bool fours;

  DEV PlainRows(const T *matrix, int depth)
      : matrix(matrix),
        depth(depth),
        fours(depth % kLaneDepth == 0 &&
              reinterpret_cast<uintptr_t>(matrix) % (kLaneDepth * sizeof(T)) == 0) {}

  DEV const T *row(int index) const { return matrix + size_t(index) * depth; }

  DEV void load(const T *row, int k, float (&values)[kLaneDepth]) const {
    load_lane(row + k, depth - k, fours, values);
  }
};

// Adds the sums of all lanes. Lane l ends with the totals from l * kCount / 32 on: at every step a
// lane keeps one half of its totals and gives the other away, until there is one left.
template <int kCount, int kBit = 16, int kSize>
DEV void reduce(float (&sums)[kSize]) {
  if constexpr (kBit == 0) {
    return;
  } else if constexpr (kCount == 1) {
    sums[0] += __shfl_xor_sync(kFullWarp, sums[0], kBit);
    reduce<1, kBit / 2>(sums);
  } else {
    constexpr int kHalf = kCount / 2;
    const bool upper = threadIdx.x & kBit;
#pragma unroll
    for (int i = 0; i < kHalf; i++) {
      const float kept = upper ? sums[i + kHalf] : sums[i];
      const float given = upper ? sums[i] : sums[i + kHalf];
      sums[i] = kept + __shfl_xor_sync(kFullWarp, given, kBit);
    }
    reduce<kHalf, kBit / 2>(sums);
  }
}

template <typename Shape, typename X, typename Weight, typename Epilogue>
DEV void matmul(const X &x, const Weight &weight, int rows, int columns, int depth,
                const Epilogue &epilogue) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int lane = threadIdx.x % 32;
  const int patches_along_rows = (rows + Shape::kRows - 1) / Shape::kRows;
  const long long patch = (long long)blockIdx.x * kWarps + threadIdx.x / 32;
  const int first_row = int(patch % patches_along_rows) * Shape::kRows;
  const long long column_of_patch = patch / patches_along_rows * Shape::kColumns;
  if (column_of_patch >= columns) {
    return;  // the whole warp
  }
  const int first_column = int(column_of_patch);

  decltype(x.row(0)) x_rows[Shape::kRows];
  decltype(weight.row(0)) weight_rows[Shape::kColumns];
  // Past the end the last row is read again, and its sums are not stored.
#pragma unroll
  for (int i = 0; i < Shape::kRows; i++) {
    x_rows[i] = x.row(min(first_row + i, rows - 1));
  }
#pragma unroll
  for (int j = 0; j < Shape::kColumns; j++) {
    weight_rows[j] = weight.row(min(first_column + j, columns - 1));
  }

  float sums[Shape::kRows * Shape::kColumns] = {};
  for (int start = 0; start < depth; start += kWarpDepth) {
    const int k = start + lane * kLaneDepth;
    float w[Shape::kColumns][kLaneDepth];
#pragma unroll
    for (int j = 0; j < Shape::kColumns; j++) {
      weight.load(weight_rows[j], k, w[j]);
    }
#pragma unroll
    for (int i = 0; i < Shape::kRows; i++) {
      float a[kLaneDepth];
      x.load(x_rows[i], k, a);
#pragma unroll
      for (int j = 0; j < Shape::kColumns; j++) {
#pragma unroll
        for (int e = 0; e < kLaneDepth; e++) {
          float &sum = sums[i * Shape::kColumns + j];
          sum = fmaf(a[e], w[j][e], sum);
        }
      }
    }
  }

  constexpr int kSums = Shape::kRows * Shape::kColumns;
  reduce<kSums>(sums);
  constexpr int kLanesPerSum = kSums < 32 ? 32 / kSums : 1;
  constexpr int kSumsPerLane = kSums < 32 ? 1 : kSums / 32;
  if (lane % kLanesPerSum != 0) {
    return;
  }
#pragma unroll
  for (int s = 0; s < kSumsPerLane; s++) {
    const int i = lane / kLanesPerSum * kSumsPerLane + s;
    const int row = first_row + i / Shape::kColumns;
    const int column = first_column + i % Shape::kColumns;
    if (row < rows && column < columns) {
      epilogue.store(sums[s], row, column, columns);
    }
  }
}
