// What the layer norms share: mean and deviation of a row.
#pragma once

#include "rows.cuh"

// A sum in fp32 knows the mean only to some 1e-7 of its size, which is much when the mean is a
// thousand times the spread. So that first mean is only the origin: it is subtracted, exactly for
// values near it, and what is left has a mean of its own.
struct Moments {
  float origin;
  float mean;       // beyond the origin
  float deviation;  // square root of the variance with eps on top

  DEV float normalize(float value) const { return (value - origin - mean) / deviation; }
};

template <typename T>
DEV Moments moments(const Row<T> &row, const Team &team, int columns, float eps) {
  float sum = 0.0f;
  row.for_each([&](const Chunk &, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) sum += values[i];
  });
  const float origin = team.sum(sum) / columns;
  float sums[2] = {};
  row.for_each([&](const Chunk &chunk, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const float distance = i < chunk.size() ? values[i] - origin : 0.0f;
      sums[0] += distance;
      sums[1] = fmaf(distance, distance, sums[1]);
    }
  });
  team.sum(sums);
  const float mean = sums[0] / columns;
  const float variance = fmaxf(0.0f, sums[1] / columns - mean * mean);
  return {origin, mean, sqrtf(variance + eps)};
}
