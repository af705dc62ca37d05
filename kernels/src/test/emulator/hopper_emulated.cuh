// The instructions of hopper.cuh on the CPU.
#pragma once

#include "emulator_hopper.h"

EMU_FN inline uint32_t smem_u32(const void *address) {
  return emu::shared_address(address, EMU_PC);
}

EMU_FN inline void mbar_init(uint32_t barrier, int arrivals) {
  emu::mbarrier_init(barrier, arrivals, EMU_PC);
}
EMU_FN inline void mbar_arrive(uint32_t barrier) { emu::mbarrier_arrive(barrier, 0, EMU_PC); }
EMU_FN inline void mbar_arrive_in(uint32_t barrier, int block) {
  emu::mbarrier_arrive_in(barrier, block, EMU_PC);
}
EMU_FN inline void mbar_expect_tx(uint32_t barrier, int bytes) {
  emu::mbarrier_arrive(barrier, bytes, EMU_PC);
}
EMU_FN inline void mbar_wait(uint32_t barrier, int parity) {
  emu::mbarrier_wait(barrier, parity, EMU_PC);
}

EMU_FN inline void tma_load_2d(uint32_t to, const CUtensorMap *map, int x, int y,
                               uint32_t barrier) {
  emu::load_box(to, *map, x, y, 0, 0, barrier, emu::kOwnBlock, EMU_PC);
}
EMU_FN inline void tma_load_3d(uint32_t to, const CUtensorMap *map, int x, int y, int z,
                               uint32_t barrier) {
  emu::load_box(to, *map, x, y, z, 0, barrier, emu::kOwnBlock, EMU_PC);
}
EMU_FN inline void tma_load_4d(uint32_t to, const CUtensorMap *map, int x, int y, int z, int w,
                               uint32_t barrier) {
  emu::load_box(to, *map, x, y, z, w, barrier, emu::kOwnBlock, EMU_PC);
}
EMU_FN inline void tma_multicast_2d(uint32_t to, const CUtensorMap *map, int x, int y,
                                    uint32_t barrier, uint16_t blocks) {
  emu::load_box(to, *map, x, y, 0, 0, barrier, blocks, EMU_PC);
}
inline void tma_prefetch(const CUtensorMap *) {}

inline void fence_proxy_async() { emu::fence_async(); }
EMU_FN inline void cluster_sync() { emu::cluster_barrier(EMU_PC); }
EMU_FN inline void named_barrier_sync(int id, int threads) { emu::barrier(id, threads, EMU_PC); }
EMU_FN inline void named_barrier_arrive(int id, int threads) {
  emu::barrier_arrive(id, threads, EMU_PC);
}
template <int kRegisters>
EMU_FN void registers_decrease() {
  static_assert(kRegisters >= 24 && kRegisters <= 256 && kRegisters % 8 == 0, "as setmaxnreg");
  emu::set_registers(kRegisters, false, EMU_PC);
}
template <int kRegisters>
EMU_FN void registers_increase() {
  static_assert(kRegisters >= 24 && kRegisters <= 256 && kRegisters % 8 == 0, "as setmaxnreg");
  emu::set_registers(kRegisters, true, EMU_PC);
}

inline void wgmma_fence() { emu::fence_products(); }
inline void wgmma_commit() { emu::commit_products(); }
template <int kPending>
EMU_FN void wgmma_wait() {
  emu::wait_products(kPending, EMU_PC);
}
template <typename Sum, int kCount>
EMU_FN void wgmma_hold(Sum (&d)[kCount]) {
  if (kEmuChecked) emu::hold_sums(d);
}

template <typename T>
constexpr emu::Element kEmuElement = std::is_same_v<T, int8_t> ? emu::Element::kInt8
                                     : std::is_same_v<T, e4m3> ? emu::Element::kE4m3
                                     : std::is_same_v<T, half> ? emu::Element::kHalf
                                                               : emu::Element::kBfloat16;

template <typename T, int kColumns, Major kMajorB, typename Sum>
constexpr emu::Product emu_product(Sum *d) {
  static_assert(kColumns == 64 || kColumns == 96 || kColumns == 128 || kColumns == 192 ||
                    kColumns == 256,
                "hopper.cuh has no such instruction");
  static_assert(!std::is_same_v<T, int8_t> || kColumns >= 128, "hopper.cuh has no such instruction");
  static_assert(sizeof(T) == 2 || kMajorB == kMajorK, "wgmma of bytes takes rows of K");
  static_assert(std::is_same_v<Sum, std::conditional_t<std::is_same_v<T, int8_t>, int, float>>,
                "sums of bytes are int");
  emu::Product product{};
  product.d = d;
  product.columns = kColumns;
  product.element = kEmuElement<T>;
  product.b_is_k_major = kMajorB == kMajorK;
  return product;
}
template <typename T, int kColumns, Major kMajorB = kMajorK, typename Sum>
EMU_FN void wgmma(Sum (&d)[kColumns / 2], uint64_t a, uint64_t b, bool accumulate) {
  emu::Product product = emu_product<T, kColumns, kMajorB>(d);
  product.a = a;
  product.b = b;
  product.accumulate = accumulate;
  product.pc = EMU_PC;
  emu::issue_product(product);
}
template <typename T, int kColumns, Major kMajorB = kMajorK>
EMU_FN void wgmma(float (&d)[kColumns / 2], const uint32_t (&a)[4], uint64_t b, bool accumulate) {
  static_assert(sizeof(T) == 2, "hopper.cuh has no such instruction");
  emu::Product product = emu_product<T, kColumns, kMajorB>(d);
  product.a_in_registers = true;
  for (int i = 0; i < 4; i++) product.a_registers[i] = a[i];
  product.fragment = a;
  product.b = b;
  product.accumulate = accumulate;
  product.pc = EMU_PC;
  emu::issue_product(product);
}
