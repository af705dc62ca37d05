// out [M][N] = a [M][K] b [N][K]^T with fp32 sums: cp.async, ldmatrix and mma.sync as a product of
// matrices uses them. A block of four warps computes a tile of 64 x 64 in steps of 32 along K, and
// has three steps in shared memory. M and N are any size, K is a multiple of 8.
#include "tile.cuh"

constexpr int kTile = 64;
constexpr int kStep = 32;
constexpr int kStages = 3;
constexpr int kThreads = 128;
constexpr int kChunks = kStep / 8;
constexpr int kStageElements = 2 * kTile * kStep;

// A row is four chunks of 16 bytes; they are permuted so that eight rows hit all banks.
template <typename T>
DEV T *chunk_at(T *tile, int row, int chunk) {
  return tile + row * kStep + (chunk ^ (row / 2 % 4)) * 8;
}

template <typename T>
DEV void load_rows(T *tile, const T *matrix, int first_row, int rows, int first_k, int k) {
  for (int i = threadIdx.x; i < kTile * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int chunk = i % kChunks;
    const int column = first_k + chunk * 8;
    const bool present = first_row + row < rows && column < k;
    const size_t from = present ? size_t(first_row + row) * k + column : 0;
    cp_async16(chunk_at(tile, row, chunk), matrix + from, present);
  }
}

template <typename T>
DEV void multiply_stage(float (&sums)[2][4][4], T *a_tile, T *b_tile, int warp_row,
                        int warp_column) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int half_step = 0; half_step < kStep / 16; half_step++) {
    uint32_t a[2][4];
    uint32_t b[2][4];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int a_row = warp_row + i * 16 + lane % 16;
      ldmatrix_x4(a[i], chunk_at(a_tile, a_row, half_step * 2 + lane / 16));
      const int b_row = warp_column + i * 16 + lane % 8 + lane / 16 * 8;
      ldmatrix_x4(b[i], chunk_at(b_tile, b_row, half_step * 2 + lane / 8 % 2));
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        mma<T>(sums[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
      }
    }
  }
}

template <typename T>
DEV void matmul(const T *a, const T *b, float *out, int m, int n, int k) {
  DYN_SMEM(T, shared);
  const int first_row = blockIdx.y * kTile;
  const int first_column = blockIdx.x * kTile;
  const int warp = threadIdx.x / 32;
  const int warp_row = warp % 2 * 32;
  const int warp_column = warp / 2 * 32;
  const int steps = (k + kStep - 1) / kStep;

  auto load = [&](int step) {
    if (step < steps) {
      T *stage = shared + step % kStages * kStageElements;
      load_rows(stage, a, first_row, m, step * kStep, k);
      load_rows(stage + kTile * kStep, b, first_column, n, step * kStep, k);
    }
    cp_async_commit();
  };

  wait_for_previous_kernel();
  float sums[2][4][4] = {};
  for (int step = 0; step < kStages - 1; step++) load(step);
  for (int step = 0; step < steps; step++) {
    cp_async_wait<kStages - 2>();
    __syncthreads();
    load(step + kStages - 1);
    T *stage = shared + step % kStages * kStageElements;
    multiply_stage(sums, stage, stage + kTile * kStep, warp_row, warp_column);
  }

  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 4; j++) {
      for (int e = 0; e < 4; e++) {
        const int row = first_row + warp_row + i * 16 + lane / 4 + e / 2 * 8;
        const int column = first_column + warp_column + j * 8 + lane % 4 * 2 + e % 2;
        if (row < m && column < n) out[size_t(row) * n + column] = sums[i][j][e];
      }
    }
  }
}

#define PIPELINED_MATMUL(name, T)                                           \
  extern "C" __global__ void __launch_bounds__(kThreads)                    \
      name(const T *a, const T *b, float *out, int m, int n, int k) {       \
    matmul<T>(a, b, out, m, n, k);                                          \
  }                                                                         \
  KERNEL_EXPORT(name)

PIPELINED_MATMUL(pipelined_matmul_bf16, bf16)
PIPELINED_MATMUL(pipelined_matmul_f16, half)
