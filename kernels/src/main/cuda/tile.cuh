// Primitives of kernels for compute capability 8.0 and newer: tensor core products of 16-bit
// and int8 matrices, asynchronous copies to shared memory, reductions, and loads and stores that convert to
// and from fp32. PTX is written here, in hopper.cuh and in kernel_order.cuh only. With CUDA_EMULATED
// defined the PTX is replaced by tile_emulated.cuh, and kernels run on the CPU.
#pragma once

#ifndef CUDA_EMULATED
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <type_traits>

// Makes a kernel visible to the emulation; on the device extern "C" is enough.
#define KERNEL_EXPORT(name)

// Dynamic shared memory, aligned as the 128-byte swizzle of tensor maps needs it.
#define DYN_SMEM(type, name)                                      \
  extern __shared__ __align__(1024) unsigned char dyn_smem_raw[]; \
  type *name = reinterpret_cast<type *>(dyn_smem_raw)
#endif

#define DEV __device__ __forceinline__

#include "kernel_order.cuh"

using bf16 = __nv_bfloat16;

constexpr unsigned kFullWarp = 0xffffffffu;

// ---- conversions ----

DEV float to_float(float value) { return value; }
DEV float to_float(bf16 value) { return __bfloat162float(value); }
DEV float to_float(half value) { return __half2float(value); }

// Rounds to nearest even.
template <typename T>
DEV T from_float(float value);
template <>
DEV float from_float<float>(float value) {
  return value;
}
template <>
DEV bf16 from_float<bf16>(float value) {
  return __float2bfloat16_rn(value);
}
template <>
DEV half from_float<half>(float value) {
  return __float2half_rn(value);
}

// Two 16-bit floats as one word; the first lies in the lower half.
DEV uint32_t pack_bf16(float low, float high) {
  __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  uint32_t word;
  memcpy(&word, &pair, sizeof word);
  return word;
}
DEV uint32_t pack_half(float low, float high) {
  half2 pair = __floats2half2_rn(low, high);
  uint32_t word;
  memcpy(&word, &pair, sizeof word);
  return word;
}
template <typename T>
DEV uint32_t pack(float low, float high);
template <>
DEV uint32_t pack<bf16>(float low, float high) {
  return pack_bf16(low, high);
}
template <>
DEV uint32_t pack<half>(float low, float high) {
  return pack_half(low, high);
}

DEV float2 unpack_bf16(uint32_t word) {
  return make_float2(__uint_as_float(word << 16), __uint_as_float(word & 0xffff0000u));
}
DEV float2 unpack_half(uint32_t word) {
  half2 pair;
  memcpy(&pair, &word, sizeof word);
  return __half22float2(pair);
}
template <typename T>
DEV float2 unpack(uint32_t word);
template <>
DEV float2 unpack<bf16>(uint32_t word) {
  return unpack_bf16(word);
}
template <>
DEV float2 unpack<half>(uint32_t word) {
  return unpack_half(word);
}

// ---- eight consecutive elements; the address is a multiple of 16 bytes ----

template <typename T>
DEV void load8(const T *from, float (&values)[8]) {
  const uint4 words = *reinterpret_cast<const uint4 *>(from);
  const float2 a = unpack<T>(words.x);
  const float2 b = unpack<T>(words.y);
  const float2 c = unpack<T>(words.z);
  const float2 d = unpack<T>(words.w);
  values[0] = a.x;
  values[1] = a.y;
  values[2] = b.x;
  values[3] = b.y;
  values[4] = c.x;
  values[5] = c.y;
  values[6] = d.x;
  values[7] = d.y;
}
template <>
DEV void load8<float>(const float *from, float (&values)[8]) {
  const float4 low = reinterpret_cast<const float4 *>(from)[0];
  const float4 high = reinterpret_cast<const float4 *>(from)[1];
  values[0] = low.x;
  values[1] = low.y;
  values[2] = low.z;
  values[3] = low.w;
  values[4] = high.x;
  values[5] = high.y;
  values[6] = high.z;
  values[7] = high.w;
}

template <typename T>
DEV void store8(T *to, const float (&values)[8]) {
  *reinterpret_cast<uint4 *>(to) =
      make_uint4(pack<T>(values[0], values[1]), pack<T>(values[2], values[3]),
                 pack<T>(values[4], values[5]), pack<T>(values[6], values[7]));
}
template <>
DEV void store8<float>(float *to, const float (&values)[8]) {
  reinterpret_cast<float4 *>(to)[0] = make_float4(values[0], values[1], values[2], values[3]);
  reinterpret_cast<float4 *>(to)[1] = make_float4(values[4], values[5], values[6], values[7]);
}

// ---- reductions; every thread gets the result, the order of the sum is fixed ----

DEV float warp_sum(float value) {
#pragma unroll
  for (int bits = 16; bits > 0; bits /= 2) {
    value += __shfl_xor_sync(kFullWarp, value, bits);
  }
  return value;
}

DEV float warp_max(float value) {
#pragma unroll
  for (int bits = 16; bits > 0; bits /= 2) {
    value = fmaxf(value, __shfl_xor_sync(kFullWarp, value, bits));
  }
  return value;
}

// Sum and maximum over a block of kThreads threads, a multiple of 32. The kThreads / 32 floats of
// scratch in shared memory may be used again for the next reduction without a barrier.
template <int kThreads>
DEV float block_sum(float value, float *scratch) {
  constexpr int kWarps = kThreads / 32;
  static_assert(kThreads % 32 == 0, "whole warps");
  value = warp_sum(value);
  if (kWarps == 1) return value;
  __syncthreads();  // the sums of the reduction before this one have been read
  if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int warp = 0; warp < kWarps; warp++) sum += scratch[warp];
  return sum;
}

template <int kThreads>
DEV float block_max(float value, float *scratch) {
  constexpr int kWarps = kThreads / 32;
  static_assert(kThreads % 32 == 0, "whole warps");
  value = warp_max(value);
  if (kWarps == 1) return value;
  __syncthreads();  // the maxima of the reduction before this one have been read
  if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
  __syncthreads();
  float largest = scratch[0];
#pragma unroll
  for (int warp = 1; warp < kWarps; warp++) largest = fmaxf(largest, scratch[warp]);
  return largest;
}

#ifdef CUDA_EMULATED
#include "tile_emulated.cuh"
#else

// ---- asynchronous copies from global to shared memory ----

// Address of shared memory as the instructions want it.
DEV uint32_t smem_u32(const void *address) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(address));
}

// Copies so many bytes (both addresses are multiples of that), or clears them if not present; from
// must be a valid address even then. The data arrive by the time of cp_async_wait, for this thread;
// others need a barrier after it.
DEV void cp_async16(void *to, const void *from, bool present) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(smem_u32(to)), "l"(from),
               "r"(present ? 16 : 0)
               : "memory");
}
DEV void cp_async8(void *to, const void *from, bool present) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(smem_u32(to)), "l"(from),
               "r"(present ? 8 : 0)
               : "memory");
}
DEV void cp_async4(void *to, const void *from, bool present) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(smem_u32(to)), "l"(from),
               "r"(present ? 4 : 0)
               : "memory");
}
// Ends a group of copies; a group may be empty.
DEV void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most the kPending youngest groups of this thread are on their way.
template <int kPending>
DEV void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

// ---- fragments ----

// Four (two) 8x8 matrices of 16-bit elements from shared memory. Lane 8j+r gives the 16-byte
// aligned address of row r of matrix j; lane l gets row l/4, columns 2(l%4) and 2(l%4)+1 of each,
// or with _trans the same of the transposed matrices. x2 reads the addresses of lanes 0 to 15.
DEV void ldmatrix_x4(uint32_t (&r)[4], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(smem_u32(row))
               : "memory");
}
DEV void ldmatrix_x4_trans(uint32_t (&r)[4], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(smem_u32(row))
               : "memory");
}
DEV void ldmatrix_x2(uint32_t (&r)[2], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
               : "=r"(r[0]), "=r"(r[1])
               : "r"(smem_u32(row))
               : "memory");
}
DEV void ldmatrix_x2_trans(uint32_t (&r)[2], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
               : "=r"(r[0]), "=r"(r[1])
               : "r"(smem_u32(row))
               : "memory");
}

// d += a * b for a [16][16], b [16][8], d [16][8] in fp32, spread over a warp. With g = lane / 4
// and t = lane % 4:
//   a[i]: row g + 8 (i % 2), columns 2t + 8 (i / 2) and the next
//   bi:   rows 2t + 8i and the next, column g
//   d[i]: row g + 8 (i / 2), column 2t + i % 2
DEV void mma_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
DEV void mma_half(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// d += a * b for a [16][32] and b [32][8] of int8, d [16][8] in int32, spread over a warp:
//   a[i]: row g + 8 (i % 2), columns 4t + 16 (i / 2) and the next three
//   bi:   rows 4t + 16i and the next three, column g
//   d[i]: as above
DEV void mma_int8(int (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

// The sums of products of T.
template <typename T>
using SumOf = std::conditional_t<std::is_same_v<T, int8_t>, int, float>;

template <typename T>
DEV void mma(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
template <>
DEV void mma<bf16>(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  mma_bf16(d, a, b0, b1);
}
template <>
DEV void mma<half>(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  mma_half(d, a, b0, b1);
}
template <typename T>
DEV void mma(int (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
template <>
DEV void mma<int8_t>(int (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  mma_int8(d, a, b0, b1);
}

#ifndef CUDA_EMULATED
// 2^exponent in one instruction, with a relative error below 2^-22; results below 2^-126 are zero.
// exp2f takes four to get those right.
DEV float exp2_approx(float exponent) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(exponent));
  return power;
}

// A quotient in two instructions, with an error of at most two units in the last place; beyond a
// divisor of 2^126 it is zero, like all that is smaller than 2^-126.
DEV float divide_approx(float dividend, float divisor) {
  float quotient;
  asm("div.approx.ftz.f32 %0, %1, %2;" : "=f"(quotient) : "f"(dividend), "f"(divisor));
  return quotient;
}
#endif

// cp_async16 that keeps what it reads in the L1 cache, for data that the multiprocessor reads again.
#ifndef CUDA_EMULATED
DEV void cp_async16_cached(void *to, const void *from, bool present) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(smem_u32(to)), "l"(from),
               "r"(present ? 16 : 0)
               : "memory");
}
#endif
