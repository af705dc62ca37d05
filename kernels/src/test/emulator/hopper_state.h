// What a block keeps for the instructions of compute capability 9.0: barriers in shared memory,
// copies of boxes on their way, and products that wgmma has yet to compute.
#pragma once

#include <cstdint>
#include <vector>

namespace emu {

struct Block;

struct Product {
  float *d;
};

// Products that a thread has issued, oldest first.
struct WarpgroupQueue {
  std::vector<Product> products;

  void clear() { products.clear(); }
};

struct HopperState {
  bool copies_in_flight() const { return false; }
  void clear() {}
};

// Lets one of the copies on their way arrive.
void land_copy(Block &b);

}  // namespace emu
