// What a block keeps for the instructions of compute capability 9.0: barriers in shared memory,
// copies of boxes on their way, and products that wgmma has yet to compute.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "checker.h"
#include "emulator_hopper.h"
#include "tensor_map.h"

namespace emu {

struct Block;

// A barrier in shared memory. What the actors that arrive know goes to those that wait.
struct Mbarrier {
  uint32_t address;
  int count;
  int pending;
  long bytes;
  int phase;
  int initialiser;
  uint32_t initialised_at;
  Clock arriving;
  Clock completed;
  std::vector<int> waiting;
};

// A box that TMA copies, to an offset in dynamic shared memory.
struct BoxCopy {
  TensorMapFields map;
  uint32_t to;
  int x, y, z, w;
  uint32_t barrier;
  void *pc;

  uint32_t bytes() const;
};

// Products that a thread has issued, oldest first.
struct ProductQueue {
  std::vector<Product> products;
  // Sums that were waited for, but which the compiler may still take to be as they were.
  std::vector<Range> unheld;
  int groups;
  bool fenced;

  // The kernel touches one of its own variables: not one that a product reads or writes.
  void check_access(const char *address, size_t bytes, void *pc) const;
  void hold(const void *d);

  void clear() {
    products.clear();
    unheld.clear();
    groups = 0;
    fenced = false;
  }
};

struct HopperState {
  std::deque<Mbarrier> barriers;
  std::vector<BoxCopy> copies;
  // Threads of each warpgroup that wait for its products.
  std::vector<int> waiting[8];
  // Of those that the block was launched with, and the threads that wait for some.
  int free_registers;
  std::vector<int> waiting_for_registers;

  bool copies_in_flight() const { return !copies.empty(); }
  void clear() {
    barriers.clear();
    copies.clear();
    for (auto &threads : waiting) threads.clear();
    free_registers = 0;
    waiting_for_registers.clear();
  }
};

// Lets one of the copies on their way arrive.
void land_copy(Block &b);

// Where data with the 128-byte swizzle lie: bits 4 to 6 of the address are flipped by 7 to 9.
inline uint32_t swizzle_128(uint32_t address) { return address ^ (address >> 7 & 7) << 4; }

// Ends the launch unless the device is of compute capability 9.0.
void require_hopper(const char *what, void *pc);

}  // namespace emu
