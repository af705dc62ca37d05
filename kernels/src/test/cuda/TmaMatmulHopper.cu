// out [M][N] = a [M][K] b^T with fp32 sums by TMA and wgmma: one producer warp, one consumer
// warpgroup, tiles of 64 x N in steps of 128 bytes along K, two stages. b lies in memory as [N][K], or
// as [K][N] in the kernels named _mn; those named _rs pass a through registers.
#include <type_traits>

#include "hopper.cuh"

constexpr int kRows = 64;
constexpr int kRowBytes = 128;
constexpr int kStages = 2;
constexpr int kConsumers = 128;
constexpr int kThreads = kConsumers + 32;
constexpr int kChunkBytes = 64 * 128;  // 64 entries of the slow index, 64 of the fast one

// Rows 16 warp to 16 warp + 15, columns first_k to first_k + 15 of a, as a fragment.
DEV void load_fragment(uint32_t (&a)[4], const unsigned char *tile, int first_k) {
  const int row = threadIdx.x / 32 * 16 + threadIdx.x % 16;
  const int chunk = first_k / 8 + threadIdx.x % 32 / 16;
  ldmatrix_x4(a, tile + row * 128 + (chunk ^ (row % 8)) * 16);
}

template <typename T, int kColumns, Major kMajorB, bool kRegisters>
DEV void tma_matmul(float *out, const CUtensorMap *a_map, const CUtensorMap *b_map, int n, int k) {
  constexpr int kStep = kRowBytes / sizeof(T);
  constexpr int kChunks = (kColumns + 63) / 64;
  constexpr int kStageBytes = kChunkBytes * (1 + kChunks);
  DYN_SMEM(unsigned char, shared);
  const uint32_t base = smem_u32(shared);
  const uint32_t full = base + kStages * kStageBytes;
  const uint32_t empty = full + 8 * kStages;
  const int first_row = blockIdx.y * kRows;
  const int first_column = blockIdx.x * kColumns;
  const int steps = (k + kStep - 1) / kStep;
  if (threadIdx.x == 0) {
    for (int i = 0; i < kStages; i++) {
      mbar_init(full + 8 * i, 1);
      mbar_init(empty + 8 * i, 1);
    }
  }
  wait_for_previous_kernel();
  __syncthreads();

  if (threadIdx.x >= kConsumers) {
    if (threadIdx.x != kConsumers) return;
    for (int step = 0; step < steps; step++) {
      const int stage = step % kStages;
      const uint32_t a = base + stage * kStageBytes;
      if (step >= kStages) mbar_wait(empty + 8 * stage, (step / kStages - 1) % 2);
      mbar_expect_tx(full + 8 * stage, kStageBytes);
      tma_load_2d(a, a_map, step * kStep, first_row, full + 8 * stage);
      for (int i = 0; i < kChunks; i++) {
        const uint32_t b = a + kChunkBytes * (1 + i);
        const int column = first_column + 64 * i;
        if (kMajorB == kMajorK) {
          tma_load_2d(b, b_map, step * kStep, column, full + 8 * stage);
        } else {
          tma_load_2d(b, b_map, column, step * kStep, full + 8 * stage);
        }
      }
    }
    return;
  }

  std::conditional_t<std::is_same_v<T, int8_t>, int, float> sums[kColumns / 2];
  for (int step = 0; step < steps; step++) {
    const int stage = step % kStages;
    const uint32_t a = base + stage * kStageBytes;
    const uint32_t b = a + kChunkBytes;
    mbar_wait(full + 8 * stage, step / kStages % 2);
    uint32_t fragments[4][4];
    if (kRegisters) {
      for (int i = 0; i < 4; i++) {
        load_fragment(fragments[i], shared + stage * kStageBytes, 16 * i);
      }
    }
    wgmma_fence();
#pragma unroll
    for (int i = 0; i < kRowBytes / 32; i++) {
      const bool accumulate = step > 0 || i > 0;
      const uint64_t b_tile = kMajorB == kMajorK ? descriptor_k_major(b + 32 * i)
                                                 : descriptor_mn_major(b + 2048 * i, kChunkBytes);
      if constexpr (kRegisters) {
        wgmma<T, kColumns, kMajorB>(sums, fragments[i], b_tile, accumulate);
      } else {
        wgmma<T, kColumns, kMajorB>(sums, descriptor_k_major(a + 32 * i), b_tile, accumulate);
      }
    }
    wgmma_commit();
    wgmma_wait<0>();
    wgmma_hold(sums);
    if (kRegisters) named_barrier_sync(1, kConsumers);  // all warps have read a
    if (threadIdx.x == 0) mbar_arrive(empty + 8 * stage);
  }
  const int lane = threadIdx.x % 32;
  const int row = first_row + threadIdx.x / 32 * 16 + lane / 4;
  for (int i = 0; i < kColumns / 2; i++) {
    const int column = first_column + i / 4 * 8 + lane % 4 * 2 + i % 2;
    if (column < n) out[size_t(row + i / 2 % 2 * 8) * n + column] = float(sums[i]);
  }
}

#define TMA_MATMUL(name, T, columns, major, registers)                                      \
  extern "C" __global__ void __launch_bounds__(kThreads, 1)                                 \
      name(float *out, const __grid_constant__ CUtensorMap a_map,                           \
           const __grid_constant__ CUtensorMap b_map, int n, int k) {                       \
    tma_matmul<T, columns, major, registers>(out, &a_map, &b_map, n, k);                    \
  }                                                                                         \
  KERNEL_EXPORT(name)

TMA_MATMUL(tma_matmul_bf16_64, bf16, 64, kMajorK, false)
TMA_MATMUL(tma_matmul_bf16_96_mn, bf16, 96, kMajorMN, false)
TMA_MATMUL(tma_matmul_bf16_128, bf16, 128, kMajorK, false)
TMA_MATMUL(tma_matmul_bf16_192_rs, bf16, 192, kMajorK, true)
TMA_MATMUL(tma_matmul_bf16_256_mn, bf16, 256, kMajorMN, false)
TMA_MATMUL(tma_matmul_bf16_64_mn_rs, bf16, 64, kMajorMN, true)
TMA_MATMUL(tma_matmul_f16_96_rs, half, 96, kMajorK, true)
TMA_MATMUL(tma_matmul_f16_128_mn_rs, half, 128, kMajorMN, true)
TMA_MATMUL(tma_matmul_f16_192, half, 192, kMajorK, false)
TMA_MATMUL(tma_matmul_f16_256_rs, half, 256, kMajorK, true)
TMA_MATMUL(tma_matmul_e4m3_128, e4m3, 128, kMajorK, false)
TMA_MATMUL(tma_matmul_e4m3_192, e4m3, 192, kMajorK, false)
TMA_MATMUL(tma_matmul_s8_128, int8_t, 128, kMajorK, false)
TMA_MATMUL(tma_matmul_s8_192, int8_t, 192, kMajorK, false)
TMA_MATMUL(tma_matmul_s8_256, int8_t, 256, kMajorK, false)
