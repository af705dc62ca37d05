// The device language of CUDA for a C++ compiler: g++ -x c++ -include cuda_emulated.h Kernel.cu
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "emulator.h"

#define CUDA_EMULATED 1
#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
// Kernels of clusters of two lie in a section of their own, by which they are known. Of more blocks
// none are emulated.
#define __cluster_dims__(x, y, z) __attribute__((section("emu_cluster_" #x #y #z)))
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))
// Blocks run on several CPU threads; each has its own instance of a library's thread-local
// variables, which are nothing but its static shared memory.
#define __shared__ static thread_local

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

// Where the running thread is; set each time that another one goes on.
struct EmuPlace {
  uint3 thread, block, block_size, grid_size;
  int lane;
};
extern __thread EmuPlace emu_place __attribute__((tls_model("initial-exec")));
#define threadIdx emu_place.thread
#define blockIdx emu_place.block
#define blockDim emu_place.block_size
#define gridDim emu_place.grid_size
constexpr int warpSize = emu::kWarpSize;

namespace emu {
__attribute__((no_sanitize("thread"))) inline int lane() { return emu_place.lane; }
}  // namespace emu

#ifdef __SANITIZE_THREAD__
constexpr bool kEmuChecked = true;
#else
constexpr bool kEmuChecked = false;
#endif

__shared__ char emu_shared_marker;
// Not instrumented: it is called outside of any thread of a block.
EMU_FN inline void emu_touch_shared() {
  *const_cast<volatile char *>(&emu_shared_marker) = 0;
}

// Where kernels of clusters of two lie, if the library has any.
extern "C" {
__attribute__((weak, visibility("hidden"))) extern const char __start_emu_cluster_211[];
__attribute__((weak, visibility("hidden"))) extern const char __stop_emu_cluster_211[];
}
inline int emu_cluster_blocks(const char *kernel) {
  return kernel >= __start_emu_cluster_211 && kernel < __stop_emu_cluster_211 ? 2 : 1;
}

// Not instrumented: the parameters are no memory of the device.
#define KERNEL_EXPORT(name)                                                         \
  __attribute__((no_sanitize("thread"))) static void name##__run(void **parameters) {\
    emu::call(&name, parameters);                                                   \
  }                                                                                 \
  static int name##__cluster() {                                                    \
    return emu_cluster_blocks(reinterpret_cast<const char *>(&name));               \
  }                                                                                 \
  extern "C" __attribute__((visibility("default"))) const emu::Kernel name##__emu = \
      emu::describe(&name, &name##__run, kEmuChecked, &name##__cluster, &emu_touch_shared);
#define DYN_SMEM(type, name) type *name = reinterpret_cast<type *>(emu::dynamic_shared())

// ---- barriers, votes and shuffles ----

EMU_FN inline void __syncthreads() { emu::barrier(0, 0, EMU_PC); }
EMU_FN inline void __syncwarp(unsigned mask = ~0u) {
  emu::collect(emu::kSyncWarp, mask, nullptr, 0, EMU_PC);
}

template <class T>
EMU_FN T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  auto slots = emu::collect(emu::kShuffle, mask, &value, sizeof value, EMU_PC);
  int lane = emu::lane();
  return emu::slot<T>(slots, (lane & ~(width - 1)) | (source & (width - 1)));
}
template <class T>
EMU_FN T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  auto slots = emu::collect(emu::kShuffle, mask, &value, sizeof value, EMU_PC);
  int lane = emu::lane();
  int source = lane ^ bits;
  return source > (lane | (width - 1)) ? value : emu::slot<T>(slots, source);
}
template <class T>
EMU_FN T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  auto slots = emu::collect(emu::kShuffle, mask, &value, sizeof value, EMU_PC);
  int lane = emu::lane();
  bool outside = (lane & (width - 1)) + int(distance) >= width;
  return outside ? value : emu::slot<T>(slots, lane + int(distance));
}
template <class T>
EMU_FN T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  auto slots = emu::collect(emu::kShuffle, mask, &value, sizeof value, EMU_PC);
  int lane = emu::lane();
  bool outside = (lane & (width - 1)) < int(distance);
  return outside ? value : emu::slot<T>(slots, lane - int(distance));
}
EMU_FN inline unsigned __ballot_sync(unsigned mask, int predicate) {
  auto slots = emu::collect(emu::kVote, mask, &predicate, sizeof predicate, EMU_PC);
  unsigned votes = 0;
  for (int lane = 0; lane < 32; lane++) {
    if ((mask >> lane & 1) && emu::slot<int>(slots, lane)) votes |= 1u << lane;
  }
  return votes;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }

// Blocks run at the same time, so these are atomic on the CPU too.
template <class T>
EMU_FN T atomicAdd(T *address, T value) {
  static_assert(std::is_integral_v<T>, "sums of floats would depend on the order of the blocks");
  emu::check_atomic(address, sizeof(T), EMU_PC);
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
template <class T>
EMU_FN T atomicCAS(T *address, T expected, T value) {
  emu::check_atomic(address, sizeof(T), EMU_PC);
  __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() {}

// ---- bits and 16-bit floats; conversions round to nearest even ----

inline uint32_t __float_as_uint(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}
inline float __uint_as_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}
inline int __float_as_int(float value) { return int(__float_as_uint(value)); }
inline float __int_as_float(int bits) { return __uint_as_float(uint32_t(bits)); }

struct __nv_bfloat16 {
  uint16_t bits;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
struct __half {
  uint16_t bits;
};
struct alignas(4) __half2 {
  __half x, y;
};
typedef __half half;
typedef __half2 half2;

inline float __bfloat162float(__nv_bfloat16 value) {
  return __uint_as_float(uint32_t(value.bits) << 16);
}
inline __nv_bfloat16 __float2bfloat16_rn(float value) {
  uint32_t bits = __float_as_uint(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return {0x7fff};
  return {uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}
inline __nv_bfloat16 __float2bfloat16(float value) { return __float2bfloat16_rn(value); }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
  return {__float2bfloat16_rn(x), __float2bfloat16_rn(y)};
}
inline float __half2float(__half value) {
  // The exponent of fp32 is larger by 112; the product also makes subnormal numbers normal.
  float magnitude = __uint_as_float(uint32_t(value.bits & 0x7fff) << 13) * 0x1p112f;
  uint32_t bits = __float_as_uint(magnitude) | uint32_t(value.bits & 0x8000) << 16;
  bool finite = magnitude < 65536.0f;
  return __uint_as_float(finite ? bits : bits | 0x7f800000);
}
inline __half __float2half_rn(float value) {
  uint32_t bits = __float_as_uint(value);
  uint32_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return {0x7fff};
  if (bits >= 0x477ff000) return {uint16_t(sign | 0x7c00)};  // 65520 and more round to infinity
  if (bits < 0x38800000) {                                   // subnormal: multiples of 2^-24
    return {uint16_t(sign | uint32_t(nearbyintf(__uint_as_float(bits) * 0x1p24f)))};
  }
  bits += 0xfff + (bits >> 13 & 1);
  return {uint16_t(sign | ((bits - 0x38000000) >> 13))};
}
inline __half __float2half(float value) { return __float2half_rn(value); }
inline __half2 __floats2half2_rn(float x, float y) {
  return {__float2half_rn(x), __float2half_rn(y)};
}
inline float2 __half22float2(__half2 value) {
  return {__half2float(value.x), __half2float(value.y)};
}

// ---- arithmetic ----

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline int __float2int_rn(float x) { return int(nearbyintf(x)); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
template <class T>
inline T __ldg(const T *address) {
  return *address;
}
template <class T, class U>
inline std::common_type_t<T, U> min(T a, U b) {
  using C = std::common_type_t<T, U>;
  return C(b) < C(a) ? C(b) : C(a);
}
template <class T, class U>
inline std::common_type_t<T, U> max(T a, U b) {
  using C = std::common_type_t<T, U>;
  return C(a) < C(b) ? C(b) : C(a);
}
