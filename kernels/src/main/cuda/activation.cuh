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

// By erfc, which keeps its relative accuracy where 1 + erf cancels.
DEV float gelu_erf(float y) {
  constexpr float kSqrtHalf = 0.7071067812f;
  return 0.5f * y * erfcf(-kSqrtHalf * y);
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
