// Rotation of interleaved pairs.
#pragma once

#include "eights.cuh"

// Rotates the four pairs among eight consecutive channels of a head; pairs behind the last one of
// the table stay.
// first:  number of the first channel in its head, even
// angles: cosine and sine of each of the pairs
DEV void rotate(float (&values)[8], int first, const float *angles, int pairs) {
  float turns[8];
  load_eight(angles, first, 2 * pairs, turns);
#pragma unroll
  for (int i = 0; i < 8; i += 2) {
    if (first + i >= 2 * pairs) continue;
    const float a = values[i];
    const float b = values[i + 1];
    const float cosine = turns[i];
    const float sine = turns[i + 1];
    values[i] = a * cosine - b * sine;
    values[i + 1] = b * cosine + a * sine;
  }
}
