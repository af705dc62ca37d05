// Where addresses lie.
#pragma once

#include "tile.cuh"

// Whether accesses of 16 bytes may start here.
DEV bool is_aligned16(const void *address) {
  return reinterpret_cast<uintptr_t>(address) % 16 == 0;
}
