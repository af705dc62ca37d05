// The instructions of tile.cuh and kernel_order.cuh on the CPU. Layouts are those of the PTX ISA, as
// tile.cuh states them.
#pragma once

inline void wait_for_previous_kernel() { emu::wait_for_previous_kernel(); }
inline void admit_next_kernel() {}

EMU_FN inline void cp_async16(void *to, const void *from, bool present) {
  emu::copy_async(to, from, 16, present ? 16 : 0, EMU_PC);
}
EMU_FN inline void cp_async8(void *to, const void *from, bool present) {
  emu::copy_async(to, from, 8, present ? 8 : 0, EMU_PC);
}
EMU_FN inline void cp_async4(void *to, const void *from, bool present) {
  emu::copy_async(to, from, 4, present ? 4 : 0, EMU_PC);
}
inline void cp_async_commit() { emu::commit_async(); }
template <int kPending>
inline void cp_async_wait() {
  emu::wait_async(kPending);
}

template <int kMatrices, bool kTransposed>
EMU_FN void emu_ldmatrix(uint32_t (&r)[kMatrices], const void *row) {
  int lane = emu::lane();
  uint16_t elements[8] = {};
  if (lane < 8 * kMatrices) {
    if (reinterpret_cast<uintptr_t>(row) % 16 != 0) {
      emu::fail(emu::kIllegalAddress, "ldmatrix: row address is not a multiple of 16 bytes at %s",
                emu::where(EMU_PC).text);
    }
    emu::check(row, sizeof elements, false, EMU_PC);
    memcpy(elements, row, sizeof elements);
  }
  emu::check(r, sizeof r, true, EMU_PC);
  auto slots = emu::collect(emu::kLoadMatrix, ~0u, elements, sizeof elements, EMU_PC);
  for (int matrix = 0; matrix < kMatrices; matrix++) {
    uint16_t pair[2];
    for (int i = 0; i < 2; i++) {
      int major = lane / 4;
      int minor = 2 * (lane % 4) + i;
      int y = kTransposed ? minor : major;
      int x = kTransposed ? major : minor;
      memcpy(&pair[i], slots + (8 * matrix + y) * emu::kSlotBytes + 2 * x, 2);
    }
    r[matrix] = uint32_t(pair[0]) | uint32_t(pair[1]) << 16;
  }
}
inline void ldmatrix_x4(uint32_t (&r)[4], const void *row) { emu_ldmatrix<4, false>(r, row); }
inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void *row) { emu_ldmatrix<4, true>(r, row); }
inline void ldmatrix_x2(uint32_t (&r)[2], const void *row) { emu_ldmatrix<2, false>(r, row); }
inline void ldmatrix_x2_trans(uint32_t (&r)[2], const void *row) { emu_ldmatrix<2, true>(r, row); }

template <typename Sum>
EMU_FN void emu_mma(Sum (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1,
                    void (*multiply)(unsigned char *slots)) {
  struct Sums {
    Sum values[4];
  };
  uint32_t operand[6] = {a[0], a[1], a[2], a[3], b0, b1};
  auto slots = emu::collect(emu::kMma, ~0u, operand, sizeof operand, EMU_PC, multiply);
  Sums sums = emu::slot<Sums>(slots, emu::lane());
  for (int i = 0; i < 4; i++) d[i] += sums.values[i];
}
inline void mma_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  emu_mma(d, a, b0, b1, emu::mma_bf16_slots);
}
inline void mma_half(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  emu_mma(d, a, b0, b1, emu::mma_half_slots);
}
inline void mma_int8(int (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  emu_mma(d, a, b0, b1, emu::mma_int8_slots);
}

// More exact than the instruction, whose relative error is below 2^-22.
inline float exp2_approx(float exponent) { return exponent < -126 ? 0 : exp2f(exponent); }
// Likewise, whose error is two units in the last place.
inline float divide_approx(float dividend, float divisor) {
  return fabsf(divisor) > 0x1p126f ? 0 * dividend : dividend / divisor;
}

EMU_FN inline void cp_async16_cached(void *to, const void *from, bool present) {
  emu::copy_async(to, from, 16, present ? 16 : 0, EMU_PC);
}
