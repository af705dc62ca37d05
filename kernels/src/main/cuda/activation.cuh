// Functions that an operation may apply to its result before it is stored; see Activation.java.
#pragma once

#include "tile.cuh"

// Activation.code() of the launcher.
enum Activation { kNone = 0, kSilu = 1, kGeluTanh = 2, kGeluErf = 3, kSigmoid = 4 };

// Three are quotients by 1 + 2^t, of few instructions. Their relative error is below 7e-7, and below
// 7e-7 + 2.5e-7 t where t is positive, 3e-6 for SiLU of -6; quotients by more than 2^126 are zero.
constexpr float kLog2E = 1.4426950409f;

DEV float sigmoid(float y) { return divide_approx(1.0f, 1.0f + exp2_approx(-kLog2E * y)); }

DEV float silu(float y) { return divide_approx(y, 1.0f + exp2_approx(-kLog2E * y)); }

// By 0.5 (1 + tanh(u)) = 1 / (1 + exp(-2 u)).
DEV float gelu_tanh(float y) {
  constexpr float kSlope = -2.0f * 0.7978845608f * kLog2E;
  constexpr float kCubic = 0.044715f * kSlope;
  return divide_approx(y, 1.0f + exp2_approx(y * fmaf(kCubic, y * y, kSlope)));
}

// max(y, 0) - |y| h with h = erfc(|y| / sqrt 2) / 2: for negative y nothing cancels. |y| h e^(y^2 / 2) is
// w times a polynomial in w = |y| / (1 + 0.3625 |y|), an own minimax fit for |y| up to 14, beyond which
// e^(-y^2 / 2) = 2^-t is zero. The relative error is below 1.5e-6, and below 1.5e-6 + 1e-7 t where y is
// negative; 1.2e-4 is what half a unit in the last place of fp16 is at least.
DEV float gelu_erf(float y) {
  constexpr float kExponent = -0.5f * kLog2E;
  const float w = divide_approx(fabsf(y), fmaf(0.3625f, fabsf(y), 1.0f));
  float sum = fmaf(1.09058e-4f, w, -6.8000035e-4f);
  sum = fmaf(sum, w, -4.6014351e-5f);
  sum = fmaf(sum, w, 5.0525199e-3f);
  sum = fmaf(sum, w, 2.660283e-2f);
  sum = fmaf(sum, w, -2.1770966e-1f);
  sum = fmaf(sum, w, 5.0000038e-1f);
  return fmaf(-w * sum, exp2_approx(kExponent * y * y), fmaxf(y, 0.0f));
}

DEV float activate(int activation, float y) {
  switch (activation) {
    case kSilu:
      return silu(y);
    case kGeluTanh:
      return gelu_tanh(y);
    case kGeluErf:
      return gelu_erf(y);
    case kSigmoid:
      return sigmoid(y);
    default:
      return y;
  }
}
