// Functions that an operation may apply to its result before it is stored; see Activation.java.
#pragma once

#include "tile.cuh"

// Activation.ordinal() of the launcher.
enum Activation { kNone, kSilu, kGeluTanh, kGeluErf };

DEV float activate(int activation, float y) {
  switch (activation) {
    case kSilu:
      return y / (1.0f + expf(-y));
    case kGeluTanh:
      return 0.5f * y * (1.0f + tanhf(0.7978845608f * (y + 0.044715f * y * y * y)));
    case kGeluErf:
      // erfc keeps its relative accuracy where 1 + erf cancels.
      return 0.5f * y * erfcf(-0.7071067812f * y);
    default:
      return y;
  }
}
