// What kernels for compute capability 9.0 call beside emulator.h.
#pragma once

#include <cstdint>

struct alignas(64) CUtensorMap {
  uint64_t opaque[16];
};

namespace emu {

// Shared memory as the instructions address it: dynamic behind the first KB, which the system has,
// static behind all dynamic.
uint32_t shared_address(const void *address, void *pc);

void mbarrier_init(uint32_t barrier, int arrivals, void *pc);
void mbarrier_arrive(uint32_t barrier, int bytes, void *pc);
// At the barrier at this address of a block of the cluster.
void mbarrier_arrive_in(uint32_t barrier, int rank, void *pc);
void mbarrier_wait(uint32_t barrier, int parity, void *pc);
// To each block of the cluster whose bit is set, or to the own one.
constexpr unsigned kOwnBlock = ~0u;
void load_box(uint32_t to, const CUtensorMap &map, int x, int y, int z, int w, uint32_t barrier,
              unsigned blocks, void *pc);
// Waits for all threads of the cluster that have not ended.
void cluster_barrier(void *pc);
void fence_async();

// setmaxnreg: so many registers a thread from now on, fewer or more than it has. Waits for more.
void set_registers(int registers, bool increase, void *pc);

enum class Element { kBfloat16, kHalf, kE4m3, kInt8 };

struct Product {
  // Sums of the thread, float, or int if elements are int8.
  void *d;
  // Only one of the two is used.
  bool a_in_registers;
  uint32_t a_registers[4];
  // Where the kernel has them, who must leave them alone.
  const uint32_t *fragment;
  uint64_t a;
  uint64_t b;
  int columns;
  Element element;
  bool b_is_k_major;
  bool accumulate;
  int group;
  void *pc;
};
void issue_product(const Product &product);
void fence_products();
void commit_products();
void wait_products(int pending, void *pc);
// The compiler was told that these sums are done.
void hold_sums(const void *d);

}  // namespace emu
