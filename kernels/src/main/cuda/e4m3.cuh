// The 8-bit float of QuantizeRows and MatmulFp8: a sign, four bits of exponent, three of mantissa, no
// infinities. The instructions that convert it are those of compute capability 8.9 and newer.
#pragma once

#include "tile.cuh"

struct e4m3 {
  uint8_t code;
};

// What fp16 makes of a code is smaller than its value by the difference of the exponents' biases.
constexpr float kE4m3OverHalf = 256.0f;

// Widens four codes to fp16: their values divided by kE4m3OverHalf, exactly, and NaN. `even` gets the
// first and the third, `odd` the second and the fourth.
DEV void widen_e4m3(uint32_t codes, uint32_t &even, uint32_t &odd) {
  uint32_t magnitudes = codes & 0x7f7f7f7fu;
  // A code of seven ones is NaN. The carry of one more becomes the upper bit of fp16's exponent,
  // whose other bits are ones then.
  magnitudes |= (magnitudes + 0x01010101u) & 0x80808080u;
  even = (magnitudes << 7 & 0x7f807f80u) | (codes << 8 & 0x80008000u);
  odd = (magnitudes >> 1 & 0x7f807f80u) | (codes & 0x80008000u);
}

DEV float to_float(e4m3 value) {
  uint32_t even;
  uint32_t odd;
  widen_e4m3(value.code, even, odd);
  return kE4m3OverHalf * unpack_half(even).x;
}
