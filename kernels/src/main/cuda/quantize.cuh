// How QuantizeRows and AttentionInt8 round values to one byte with a scale for many of them.
//
// Quotients and products are rounded as the references round them, whatever the compiler would
// prefer: the results are the same bits.
#pragma once

#include "tile.cuh"

// A type of quantised values: the largest one, and how fp32 values up to that are rounded.
struct Int8 {
  static constexpr float kLimit = 127.0f;

  static DEV uint32_t round(float value) {
    // Here fp32 values lie a distance of one apart.
    constexpr float kRoundInteger = 12582912.0f;
    return __float_as_uint(__fadd_rn(value, kRoundInteger)) & 0xff;
  }
};

struct E4m3 {
  static constexpr float kLimit = 448.0f;

  // There are instructions for it on compute capability 8.9 and newer only.
  static DEV uint32_t round(float value) {
    constexpr int kDroppedBits = 20;
    constexpr uint32_t kRebias = (127 - 7) << 3;
    constexpr float kMinNormal = 0.015625f;
    // Here fp32 values lie as far apart as subnormal ones of E4M3, 2^-9.
    constexpr float kRoundSubnormal = 16384.0f;
    const uint32_t bits = __float_as_uint(value);
    const uint32_t magnitude = bits & 0x7fffffffu;
    const uint32_t sign = bits >> 24 & 0x80u;
    if (fabsf(value) < kMinNormal) {
      const float rounded = __fadd_rn(fabsf(value), kRoundSubnormal);
      return sign | (__float_as_uint(rounded) - __float_as_uint(kRoundSubnormal));
    }
    const uint32_t odd = magnitude >> kDroppedBits & 1;
    const uint32_t half = (1u << (kDroppedBits - 1)) - 1 + odd;
    return sign | (((magnitude + half) >> kDroppedBits) - kRebias);
  }
};

// The magnitude of a value, infinite for NaN.
DEV float magnitude_of(float value) {
  const float magnitude = fabsf(value);
  return magnitude < INFINITY ? magnitude : INFINITY;
}

// Rounds values of which the largest has the magnitude `largest`.
template <typename To>
struct Rounding {
  float scale;  // what a rounded value is multiplied by to stand for the value
  float factor;
  bool scaled;

  DEV explicit Rounding(float largest) {
    // Infinite for zeros, or next to that; zero for values that are not finite.
    factor = __fdiv_rn(To::kLimit, largest);
    scaled = factor > 0.0f && factor < INFINITY;
    const float unscaled = factor > 0.0f ? 0.0f : NAN;
    scale = scaled ? __fdiv_rn(largest, To::kLimit) : unscaled;
  }

  DEV uint32_t of(float value) const {
    return scaled ? To::round(__fmul_rn(value, factor)) : 0;
  }
};

// Eight bytes, each in the lower bits of a word.
DEV uint2 pack_bytes(const uint32_t (&bytes)[8]) {
  return make_uint2(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24,
                    bytes[4] | bytes[5] << 8 | bytes[6] << 16 | bytes[7] << 24);
}
