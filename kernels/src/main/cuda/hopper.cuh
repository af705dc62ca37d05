// Primitives of kernels for compute capability 9.0 (sm_90a): barriers in shared memory, copies of
// boxes by the copy engine (TMA), and products of matrices by a warpgroup of 128 threads (wgmma).
// Shared memory is given by its 32-bit address, smem_u32. With CUDA_EMULATED defined the PTX is
// replaced by hopper_emulated.cuh.
#pragma once

#ifndef CUDA_EMULATED
#include <cuda.h>
#endif

#include "e4m3.cuh"
#include "tile.cuh"

// Which index of a matrix runs fastest in shared memory: K, or the other one (rows of a, columns of
// b). A tile is stored as chunks of 64 elements (128 bytes) of that index, each chunk 1024-byte
// aligned, entry after entry of the slow index, with the 128-byte swizzle: this is how TMA leaves a
// box of 64 elements by any number of entries.
enum Major { kMajorK = 0, kMajorMN = 1 };

// ---- descriptors of matrices in shared memory for wgmma ----

// Bits of the descriptor: address / 16 in 0-13, leading byte offset / 16 in 16-29, stride byte
// offset / 16 in 32-45, 128-byte swizzle in 62-63.
DEV uint64_t wgmma_descriptor(uint32_t address, uint32_t leading_bytes, uint32_t stride_bytes) {
  constexpr uint64_t kSwizzle128 = uint64_t(1) << 62;
  return uint64_t((address & 0x3ffff) >> 4) | uint64_t(leading_bytes >> 4) << 16 |
         uint64_t(stride_bytes >> 4) << 32 | kSwizzle128;
}

// Matrix of K-major rows, one chunk wide. The next 16 columns along K lie 32 bytes further.
// Eight rows (1024 bytes) are the unit that the stride counts; the leading offset is not used.
DEV uint64_t descriptor_k_major(uint32_t address) { return wgmma_descriptor(address, 16, 1024); }

// Matrix whose other index runs fastest, as [K][64] chunks that lie chunk_bytes apart. The next 16
// rows along K lie 2048 bytes further. The stride counts eight rows of K, the leading offset counts
// chunks.
DEV uint64_t descriptor_mn_major(uint32_t address, uint32_t chunk_bytes) {
  return wgmma_descriptor(address, chunk_bytes, 1024);
}

#ifdef CUDA_EMULATED
#include "hopper_emulated.cuh"
#else

// ---- barriers in shared memory: 8 bytes, 8-byte aligned ----

// A barrier whose phases end after so many arrivals. Others may use it after a __syncthreads.
DEV void mbar_init(uint32_t barrier, int arrivals) {
  asm volatile(
      "mbarrier.init.shared::cta.b64 [%0], %1;\n\t"
      "fence.mbarrier_init.release.cluster;" ::"r"(barrier),
      "r"(arrivals)
      : "memory");
}
DEV void mbar_arrive(uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
// Arrives at the barrier at the same place in the shared memory of a block of the cluster. Says that
// reads have ended, as wgmma_wait has them, and orders no writes for the other block: for
// release.cluster the thread would wait until all that it has stored is in L2 (MEMBAR.GPU).
DEV void mbar_arrive_in(uint32_t barrier, int block) {
  asm volatile(
      "{\n\t"
      ".reg .b32 remote;\n\t"
      "mapa.shared::cluster.u32 remote, %0, %1;\n\t"
      "mbarrier.arrive.shared::cluster.b64 _, [remote];\n\t"
      "}" ::"r"(barrier),
      "r"(block)
      : "memory");
}
// Arrives, and makes the phase wait for so many bytes of copies besides.
DEV void mbar_expect_tx(uint32_t barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes)
               : "memory");
}
// Waits until the phase of this parity has ended: 0 for the first phase, then 1, 0, ...
DEV void mbar_wait(uint32_t barrier, int parity) {
  asm volatile(
      "{\n\t"
      ".reg .pred ended;\n\t"
      "again:\n\t"
      "mbarrier.try_wait.parity.shared::cta.b64 ended, [%0], %1;\n\t"
      "@ended bra done;\n\t"
      "bra again;\n\t"
      "done:\n\t"
      "}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

// ---- copies of boxes; one thread issues them ----

// Copies the box that starts at element x of row y (of plane z, of volume w) to shared memory, and counts its
// bytes at the barrier. What lies outside of the tensor is cleared; it counts too.
DEV void tma_load_2d(uint32_t to, const CUtensorMap *map, int x, int y, uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%2, %3}], [%4];" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(barrier)
      : "memory");
}
DEV void tma_load_3d(uint32_t to, const CUtensorMap *map, int x, int y, int z, uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%2, %3, %4}], [%5];" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(z), "r"(barrier)
      : "memory");
}
DEV void tma_load_4d(uint32_t to, const CUtensorMap *map, int x, int y, int z, int w,
                     uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%2, %3, %4, %5}], [%6];" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(z), "r"(w), "r"(barrier)
      : "memory");
}
// Copies a box to the same place in each block of the cluster whose bit is set, and counts its bytes at
// the barrier there.
DEV void tma_multicast_2d(uint32_t to, const CUtensorMap *map, int x, int y, uint32_t barrier,
                          uint16_t blocks) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes"
      ".multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(barrier), "h"(blocks)
      : "memory");
}
// Brings the map itself into a cache.
DEV void tma_prefetch(const CUtensorMap *map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

// ---- order ----

// Makes writes of this thread to shared memory visible to wgmma and TMA; a barrier has to follow.
DEV void fence_proxy_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// Waits for all threads of the cluster that have not ended; barriers in shared memory that were
// initialised before can then be used by all of them. Nothing else is in order: mbar_init has the
// fence that is needed for barriers, where a release would wait for L2.
DEV void cluster_sync() {
  asm volatile(
      "barrier.cluster.arrive.relaxed;\n\t"
      "barrier.cluster.wait.acquire;" ::: "memory");
}

// Barrier 1 to 15 of the block, for so many threads: a multiple of 32.
DEV void named_barrier_sync(int id, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}
DEV void named_barrier_arrive(int id, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

// Gives registers of this warpgroup to others, or takes them: so many a thread, a multiple of 8.
template <int kRegisters>
DEV void registers_decrease() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
template <int kRegisters>
DEV void registers_increase() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}

// ---- products ----

// Before the first wgmma of a group: its registers and all earlier accesses to them are in order.
DEV void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
// Ends a group.
DEV void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// Waits until at most the kPending youngest groups compute.
template <int kPending>
DEV void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}
// Keeps the compiler from moving accesses to these registers across this place.
template <int kCount>
DEV void wgmma_hold(float (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; i++) asm volatile("" : "+f"(d[i])::"memory");
}
template <int kCount>
DEV void wgmma_hold(int (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; i++) asm volatile("" : "+r"(d[i])::"memory");
}

// The instructions, by element type and number of columns.
template <typename T, int kColumns>
struct Wgmma;

#define WGMMA_REGISTERS_0_31                                                                      \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, "         \
  "%19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define WGMMA_REGISTERS_32_47                                                                     \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
#define WGMMA_REGISTERS_32_63                                                                     \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, "         \
  "%49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define WGMMA_REGISTERS_64_95                                                                     \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, %80, "         \
  "%81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
#define WGMMA_REGISTERS_96_127                                                                    \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, "        \
  "%111, %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, "          \
  "%125, %126, %127"
#define WGMMA_REGISTERS_64 WGMMA_REGISTERS_0_31
#define WGMMA_REGISTERS_96 WGMMA_REGISTERS_64 ", " WGMMA_REGISTERS_32_47
#define WGMMA_REGISTERS_128 WGMMA_REGISTERS_64 ", " WGMMA_REGISTERS_32_63
#define WGMMA_REGISTERS_192 WGMMA_REGISTERS_128 ", " WGMMA_REGISTERS_64_95
#define WGMMA_REGISTERS_256 WGMMA_REGISTERS_192 ", " WGMMA_REGISTERS_96_127

// Registers of sums with their constraint c, "+f" or "+r".
#define WGMMA_SUMS_4(c, i) c(d[i]), c(d[i + 1]), c(d[i + 2]), c(d[i + 3])
#define WGMMA_SUMS_16(c, i) \
  WGMMA_SUMS_4(c, i), WGMMA_SUMS_4(c, i + 4), WGMMA_SUMS_4(c, i + 8), WGMMA_SUMS_4(c, i + 12)
#define WGMMA_SUMS_32(c, i) WGMMA_SUMS_16(c, i), WGMMA_SUMS_16(c, i + 16)
#define WGMMA_SUMS_64(c) WGMMA_SUMS_32(c, 0)
#define WGMMA_SUMS_96(c) WGMMA_SUMS_64(c), WGMMA_SUMS_16(c, 32)
#define WGMMA_SUMS_128(c) WGMMA_SUMS_64(c), WGMMA_SUMS_32(c, 32)
#define WGMMA_SUMS_192(c) WGMMA_SUMS_128(c), WGMMA_SUMS_32(c, 64)
#define WGMMA_SUMS_256(c) WGMMA_SUMS_192(c), WGMMA_SUMS_32(c, 96)

// The n / 2 results of a thread are operands 0 and on; p0 to p6 are the numbers behind them.
#define DEFINE_WGMMA(T, ptx, n, p0, p1, p2, p3, p4, p5, p6)                                       \
  template <>                                                                                     \
  struct Wgmma<T, n> {                                                                            \
    template <int kMajorB>                                                                        \
    static DEV void shared(float (&d)[n / 2], uint64_t a, uint64_t b, int accumulate) {           \
      asm volatile(                                                                               \
          "{\n\t"                                                                                 \
          ".reg .pred add;\n\t"                                                                   \
          "setp.ne.b32 add, %" #p2 ", 0;\n\t"                                                     \
          "wgmma.mma_async.sync.aligned.m64n" #n "k16.f32." ptx "." ptx                           \
          " {" WGMMA_REGISTERS_##n "}, %" #p0 ", %" #p1 ", add, 1, 1, 0, %" #p3 ";\n\t"           \
          "}"                                                                                     \
          : WGMMA_SUMS_##n("+f")                                                                  \
          : "l"(a), "l"(b), "r"(accumulate), "n"(kMajorB));                                       \
    }                                                                                             \
    template <int kMajorB>                                                                        \
    static DEV void fragment(float (&d)[n / 2], const uint32_t (&a)[4], uint64_t b,               \
                             int accumulate) {                                                    \
      asm volatile(                                                                               \
          "{\n\t"                                                                                 \
          ".reg .pred add;\n\t"                                                                   \
          "setp.ne.b32 add, %" #p5 ", 0;\n\t"                                                     \
          "wgmma.mma_async.sync.aligned.m64n" #n "k16.f32." ptx "." ptx                           \
          " {" WGMMA_REGISTERS_##n "}, {%" #p0 ", %" #p1 ", %" #p2 ", %" #p3 "}, %" #p4           \
          ", add, 1, 1, %" #p6 ";\n\t"                                                            \
          "}"                                                                                     \
          : WGMMA_SUMS_##n("+f")                                                                  \
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(accumulate), "n"(kMajorB));   \
    }                                                                                             \
  };

#define DEFINE_WGMMA_TYPE(T, ptx)                               \
  DEFINE_WGMMA(T, ptx, 64, 32, 33, 34, 35, 36, 37, 38)          \
  DEFINE_WGMMA(T, ptx, 96, 48, 49, 50, 51, 52, 53, 54)          \
  DEFINE_WGMMA(T, ptx, 128, 64, 65, 66, 67, 68, 69, 70)         \
  DEFINE_WGMMA(T, ptx, 192, 96, 97, 98, 99, 100, 101, 102)      \
  DEFINE_WGMMA(T, ptx, 256, 128, 129, 130, 131, 132, 133, 134)

DEFINE_WGMMA_TYPE(bf16, "bf16")
DEFINE_WGMMA_TYPE(half, "f16")

// Bytes are K-major in both operands, and 32 of them are what 16 elements of 16 bits are. Products of
// integers have no signs to scale by.
#define DEFINE_WGMMA_BYTES(T, Sum, c, types, signs, n, p0, p1, p2)                                \
  template <>                                                                                     \
  struct Wgmma<T, n> {                                                                            \
    template <int kMajorB>                                                                        \
    static DEV void shared(Sum (&d)[n / 2], uint64_t a, uint64_t b, int accumulate) {             \
      static_assert(kMajorB == kMajorK, "wgmma of bytes takes rows of K");                        \
      asm volatile(                                                                               \
          "{\n\t"                                                                                 \
          ".reg .pred add;\n\t"                                                                   \
          "setp.ne.b32 add, %" #p2 ", 0;\n\t"                                                     \
          "wgmma.mma_async.sync.aligned.m64n" #n "k32." types                                     \
          " {" WGMMA_REGISTERS_##n "}, %" #p0 ", %" #p1 ", add" signs ";\n\t"                     \
          "}"                                                                                     \
          : WGMMA_SUMS_##n(c)                                                                     \
          : "l"(a), "l"(b), "r"(accumulate));                                                     \
    }                                                                                             \
  };

#define DEFINE_WGMMA_E4M3(n, p0, p1, p2) \
  DEFINE_WGMMA_BYTES(e4m3, float, "+f", "f32.e4m3.e4m3", ", 1, 1", n, p0, p1, p2)
#define DEFINE_WGMMA_INT8(n, p0, p1, p2) \
  DEFINE_WGMMA_BYTES(int8_t, int, "+r", "s32.s8.s8", "", n, p0, p1, p2)

DEFINE_WGMMA_E4M3(128, 64, 65, 66)
DEFINE_WGMMA_E4M3(192, 96, 97, 98)
DEFINE_WGMMA_INT8(128, 64, 65, 66)
DEFINE_WGMMA_INT8(192, 96, 97, 98)
DEFINE_WGMMA_INT8(256, 128, 129, 130)

// Starts d (+)= a * b for a [64][16] and b [16][kColumns] of type T, by a warpgroup; without
// accumulate d starts at zero. In thread t of the warpgroup, with warp = t / 32 and lane = t % 32,
// d[i] is row 16 warp + lane / 4 + 8 (i / 2 % 2), column 8 (i / 4) + 2 (lane % 4) + i % 2. The
// matrix a is K-major; the registers must not be touched before wgmma_wait. With e4m3 there are 32
// columns of a, b is K-major as well, and sums of one instruction have some 14 bits. With int8_t there
// are 32, too, and sums are exact.
template <typename T, int kColumns, Major kMajorB = kMajorK, typename Sum>
DEV void wgmma(Sum (&d)[kColumns / 2], uint64_t a, uint64_t b, bool accumulate) {
  Wgmma<T, kColumns>::template shared<kMajorB>(d, a, b, accumulate);
}
// The same with a in registers: rows 16 warp to 16 warp + 15 lie in each warp as mma expects them.
template <typename T, int kColumns, Major kMajorB = kMajorK>
DEV void wgmma(float (&d)[kColumns / 2], const uint32_t (&a)[4], uint64_t b, bool accumulate) {
  Wgmma<T, kColumns>::template fragment<kMajorB>(d, a, b, accumulate);
}
#endif
