// Matrices of cameras, as the contract PropeAttention defines them: 4x4, fp32, one for each frame,
// at addresses that are multiples of 16 bytes. A matrix multiplies every group of four channels.
#pragma once
#include "tile.cuh"

constexpr int kGroup = 4;  // channels that a matrix multiplies at once

// Those of a call. Keys before plain_keys belong to no frame.
struct Cameras {
  const float *image_from_world;
  const float *world_from_image;
  int queries_per_frame;
  int keys_per_frame;
  int plain_keys;

  DEV const float *of_query(int query) const {
    return image_from_world + query / queries_per_frame * kGroup * kGroup;
  }

  // Of a key that belongs to a frame.
  DEV const float *of_key(int key) const {
    return world_from_image + (key - plain_keys) / keys_per_frame * kGroup * kGroup;
  }
};

// A matrix in registers.
struct Matrix {
  float at[kGroup][kGroup];
};

DEV Matrix load_matrix(const float *from) {
  Matrix matrix;
#pragma unroll
  for (int i = 0; i < kGroup; i++) {
    const float4 row = reinterpret_cast<const float4 *>(from)[i];
    matrix.at[i][0] = row.x;
    matrix.at[i][1] = row.y;
    matrix.at[i][2] = row.z;
    matrix.at[i][3] = row.w;
  }
  return matrix;
}

// Multiplies two groups by a matrix, or by its transpose.
template <bool kTranspose>
DEV void transform_eight(const Matrix &matrix, float (&values)[8]) {
#pragma unroll
  for (int first = 0; first < 8; first += kGroup) {
    float out[kGroup];
#pragma unroll
    for (int i = 0; i < kGroup; i++) {
      out[i] = 0;
#pragma unroll
      for (int j = 0; j < kGroup; j++) {
        const float factor = kTranspose ? matrix.at[j][i] : matrix.at[i][j];
        out[i] = fmaf(factor, values[first + j], out[i]);
      }
    }
#pragma unroll
    for (int i = 0; i < kGroup; i++) values[first + i] = out[i];
  }
}

// Multiplies averages by the matrix of their query's frame.
struct ToImages {
  const float *image_from_world;
  int queries_per_frame;

  // Averages as Untransformed has them: a thread holds two channels of a group of its two rows, its
  // neighbour the others.
  template <int kSums>
  DEV void operator()(float (&averages)[kSums], int first_query, int queries) const {
    const int lane = threadIdx.x % 32;
    const bool upper = lane % 2 != 0;
#pragma unroll
    for (int r = 0; r < 2; r++) {
      const int query = first_query + lane / 4 + 8 * r;
      const int frame = min(query, queries - 1) / queries_per_frame;
      const float4 *rows =
          reinterpret_cast<const float4 *>(image_from_world) + frame * kGroup + (upper ? 2 : 0);
      const float4 row0 = rows[0];
      const float4 row1 = rows[1];
#pragma unroll
      for (int e = 2 * r; e < kSums; e += 4) {
        const float other0 = __shfl_xor_sync(kFullWarp, averages[e], 1);
        const float other1 = __shfl_xor_sync(kFullWarp, averages[e + 1], 1);
        const float x0 = upper ? other0 : averages[e];
        const float x1 = upper ? other1 : averages[e + 1];
        const float x2 = upper ? averages[e] : other0;
        const float x3 = upper ? averages[e + 1] : other1;
        averages[e] = fmaf(row0.w, x3, fmaf(row0.z, x2, fmaf(row0.y, x1, row0.x * x0)));
        averages[e + 1] = fmaf(row1.w, x3, fmaf(row1.z, x2, fmaf(row1.y, x1, row1.x * x0)));
      }
    }
  }
};
