// What the root-mean-square norms share.
#pragma once

#include "rows.cuh"

// What the values of a row are divided by: the root of their mean square with eps on top.
template <typename T>
DEV float root_mean_square(const Row<T> &row, const Team &team, int columns, float eps) {
  float squares = 0.0f;
  row.for_each([&](const Chunk &, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) squares = fmaf(values[i], values[i], squares);
  });
  return sqrtf(team.sum(squares) / columns + eps);
}

// results = values / root, times the weight of the chunk unless it is null.
DEV void scale_chunk(const Chunk &chunk, const float (&values)[8], float root, const float *weight,
                     float (&results)[8]) {
  const float factor = 1.0f / root;
#pragma unroll
  for (int i = 0; i < 8; i++) results[i] = values[i] * factor;
  if (weight == nullptr) return;
  float weights[8];
  chunk.load(weight, weights);
#pragma unroll
  for (int i = 0; i < 8; i++) results[i] *= weights[i];
}
