// Functions that an operation may apply to its result before it is stored; see Activation.java.
#pragma once

#include "tile.cuh"

// Activation.code() of the launcher.
enum Activation { kNone = 0, kSilu = 1, kGeluTanh = 2, kGeluErf = 3, kSigmoid = 4 };

DEV float sigmoid(float y) { return 1.0f / (1.0f + expf(-y)); }

DEV float silu(float y) { return y / (1.0f + expf(-y)); }

DEV float gelu_tanh(float y) {
  constexpr float kSqrt2OverPi = 0.7978845608f;
  return 0.5f * y * (1.0f + tanhf(kSqrt2OverPi * (y + 0.044715f * y * y * y)));
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
