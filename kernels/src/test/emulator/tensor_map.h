// What the emulated driver writes into a CUtensorMap, whose 128 bytes are opaque to everyone else.
#pragma once

#include <cstdint>

namespace emu {

struct TensorMapFields {
  static constexpr uint32_t kMagic = 0x70616d74;
  static constexpr int kMostAxes = 4;
  enum Swizzle : uint16_t { kNone = 0, k128Bytes = 3 };

  uint32_t magic;
  uint16_t axes;
  uint16_t swizzle;
  uint32_t element_bytes;
  const char *base;
  // Elements, the fastest axis first; the stride of axis i + 1 in bytes.
  uint64_t extents[kMostAxes];
  uint64_t strides[kMostAxes - 1];
  // Elements of a box, those that are left out not counted, and from one to the next.
  uint32_t box[kMostAxes];
  uint32_t steps[kMostAxes];
};
static_assert(sizeof(TensorMapFields) <= 128, "must fit into a CUtensorMap");

}  // namespace emu
