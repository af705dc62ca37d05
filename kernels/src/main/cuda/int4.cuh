// Weights of four bits; see GroupedInt4.java.
#pragma once

#include "tile.cuh"

// What the lowest four bits q stand for, before their group's scale: q - 8. Set as the last bits of
// 2^23 they are the fp32 number 2^23 + q; both steps are exact, and none is a slow conversion.
DEV float int4_value(uint32_t bits) {
  constexpr uint32_t kTwoTo23 = 0x4b000000;
  constexpr float kTwoTo23And8 = 8388616.0f;
  return __uint_as_float(kTwoTo23 | (bits & 15)) - kTwoTo23And8;
}

// The eight elements of a word, scaled and rounded to T, two in each of four words.
template <typename T>
DEV void widen_int4(uint32_t word, float scale, uint32_t (&pairs)[4]) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
    pairs[i] = pack<T>(int4_value(word >> 8 * i) * scale, int4_value(word >> (8 * i + 4)) * scale);
  }
}
