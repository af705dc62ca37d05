// Group norm of pictures with an activation on top; see the contract GroupNorm. A picture is cut
// into blocks of positions, so that one is enough for the whole GPU: the first kernel finds the
// moments of every channel in every block, the second puts those of a group together, always in the
// same order, and the third normalizes. The blocks depend on the picture's size alone. Bound by
// bytes: x is read twice, more often out of caches, and out written once.
#include "activation.cuh"
#include "rows.cuh"

constexpr int kThreads = 256;
// Most channels of a block: eight for each thread.
constexpr int kMostColumns = 8 * kThreads;

// The part of a picture that a block works on: positions (rows) of blockIdx.x, channels (columns)
// of blockIdx.y, of picture blockIdx.z. A thread takes the same eight columns of every slots-th row.
struct Part {
  int channels;      // of a position
  int first_column;  // of the block
  int columns;
  int rows;
  int units;  // eights of columns
  int slots;  // rows that the threads take at a time
  int64_t at;  // the first element

  DEV Part(int positions, int channels, int block_rows)
      : channels(channels),
        first_column(blockIdx.y * kMostColumns),
        columns(min(kMostColumns, channels - first_column)),
        rows(min(block_rows, positions - int(blockIdx.x) * block_rows)),
        units((columns + 7) / 8),
        slots(kThreads / units),
        at((int64_t(blockIdx.z) * positions + int64_t(blockIdx.x) * block_rows) * channels +
           first_column) {}

  // The first column of this thread, counted from the block's.
  DEV int column() const { return threadIdx.x % units * 8; }
  DEV int slot() const { return threadIdx.x / units; }
  // How many blocks there are, and this one's number among them, of those with these columns.
  DEV int64_t blocks() const { return int64_t(gridDim.z) * gridDim.x; }
  DEV int64_t block() const { return int64_t(blockIdx.z) * gridDim.x + blockIdx.x; }

  // Calls visit(row, values) for every row of this thread, row being where it begins in memory;
  // columns that do not exist are zero.
  template <typename T, typename Visit>
  DEV void for_each(const T *x, Visit visit) const {
    const int64_t step = int64_t(slots) * channels;
    const T *row = x + at + int64_t(slot()) * channels;
    const int mine = slot() < slots ? (rows - slot() + slots - 1) / slots : 0;
    if (channels % 8 == 0 && is_aligned16(x)) {
#pragma unroll 2
      for (int i = 0; i < mine; i++) {
        float values[8];
        load8(row + i * step + column(), values);
        visit(row + i * step - x, values);
      }
      return;
    }
    for (int i = 0; i < mine; i++) {
      float values[8];
      load_eight(row + i * step, column(), columns, values);
      visit(row + i * step - x, values);
    }
  }
};

// Adds up what the threads have of each column; totals gets it for all columns of the units. When
// it returns, scratch is free, and totals may be read until the next call.
DEV void sum_columns(const Part &part, const float (&mine)[8], float *scratch, float *totals) {
#pragma unroll
  for (int i = 0; i < 8; i++) scratch[threadIdx.x * 8 + i] = mine[i];
  __syncthreads();
  const int width = part.units * 8;
  for (int c = threadIdx.x; c < width; c += kThreads) {
    float sum = 0.0f;
    for (int slot = 0; slot < part.slots; slot++) sum += scratch[slot * width + c];
    totals[c] = sum;
  }
  __syncthreads();
}

// Planes of partials: for each block and channel the mean of the block's rows, and the sum and the
// squares of the distances from it. The mean need not be right to the last bit for that.
template <typename T>
DEV void moments(const T *x, float *partials, int positions, int channels, int block_rows) {
  __shared__ float scratch[kMostColumns];
  __shared__ float origins[kMostColumns];
  __shared__ float sums[kMostColumns];
  const Part part(positions, channels, block_rows);
  wait_for_previous_kernel();
  admit_next_kernel();
  float mine[8] = {};
  part.for_each(x, [&](int64_t, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) mine[i] += values[i];
  });
  sum_columns(part, mine, scratch, origins);
  float origin[8];
#pragma unroll
  for (int i = 0; i < 8; i++) {
    origin[i] = origins[part.column() + i] / part.rows;
    mine[i] = 0.0f;
  }
  float squares[8] = {};
  part.for_each(x, [&](int64_t, const float(&values)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const float distance = values[i] - origin[i];
      mine[i] += distance;
      squares[i] = fmaf(distance, distance, squares[i]);
    }
  });
  const int64_t plane = part.blocks() * channels;
  float *result = partials + part.block() * channels + part.first_column;
  sum_columns(part, mine, scratch, sums);
  for (int c = threadIdx.x; c < part.columns; c += kThreads) {
    result[c] = origins[c] / part.rows;
    result[plane + c] = sums[c];
  }
  sum_columns(part, squares, scratch, sums);
  for (int c = threadIdx.x; c < part.columns; c += kThreads) result[2 * plane + c] = sums[c];
}

// Planes of affine: for each picture and channel a mean, a factor and a summand. What fp32 does not
// hold of the mean is in the summand. A block for a group of a picture.
extern "C" __global__ void __launch_bounds__(kThreads)
    group_norm_parameters(const float *partials, const float *weight, const float *bias, float eps,
                          float *affine, int positions, int channels, int block_rows) {
  __shared__ float scratch[kTeamScratch];
  const Team team(kThreads, scratch);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int width = channels / gridDim.x;
  const int first = blockIdx.x * width;
  const int blocks = (positions + block_rows - 1) / block_rows;
  const int64_t plane = int64_t(gridDim.y) * blocks * channels;
  const float *of_picture = partials + int64_t(blockIdx.y) * blocks * channels + first;
  const float count = float(positions) * width;
  const float origin = of_picture[0];
  float sum = 0.0f;
  for (int i = threadIdx.x; i < blocks * width; i += kThreads) {
    const float *partial = of_picture + int64_t(i / width) * channels + i % width;
    const float rows = min(block_rows, positions - i / width * block_rows);
    sum += fmaf(partial[0] - origin, rows, partial[plane]);
  }
  const float beyond = team.sum(sum) / count;
  float squares = 0.0f;
  for (int i = threadIdx.x; i < blocks * width; i += kThreads) {
    const float *partial = of_picture + int64_t(i / width) * channels + i % width;
    const float rows = min(block_rows, positions - i / width * block_rows);
    // The squares about the mean of the group: sum of (distance + shift)^2.
    const float shift = partial[0] - origin - beyond;
    squares += fmaf(shift, fmaf(shift, rows, 2.0f * partial[plane]), partial[2 * plane]);
  }
  const float variance = fmaxf(0.0f, team.sum(squares) / count);
  const float deviation = sqrtf(variance + eps);
  const float mean = origin + beyond;
  const float rest = beyond - (mean - origin);
  const int64_t affine_plane = int64_t(gridDim.y) * channels;
  float *result = affine + int64_t(blockIdx.y) * channels;
  for (int c = first + threadIdx.x; c < first + width; c += kThreads) {
    const float factor = weight[c] / deviation;
    result[c] = mean;
    result[affine_plane + c] = factor;
    result[2 * affine_plane + c] = fmaf(-rest, factor, bias[c]);
  }
}
KERNEL_EXPORT(group_norm_parameters)

template <typename T>
DEV void normalize(const T *x, const float *affine, T *out, int positions, int channels,
                   int block_rows, int activation) {
  const Part part(positions, channels, block_rows);
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t plane = int64_t(gridDim.z) * channels;
  const float *parameters = affine + int64_t(blockIdx.z) * channels + part.first_column;
  float means[8];
  float factors[8];
  float summands[8];
  load_eight(parameters, part.column(), part.columns, means);
  load_eight(parameters + plane, part.column(), part.columns, factors);
  load_eight(parameters + 2 * plane, part.column(), part.columns, summands);
  part.for_each(x, [&](int64_t row, const float(&values)[8]) {
    float results[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
      results[i] = activate(activation, fmaf(values[i] - means[i], factors[i], summands[i]));
    }
    store_eight(out + row, part.column(), part.columns, results);
  });
}

#define GROUP_NORM(T, suffix)                                                                   \
  extern "C" __global__ void __launch_bounds__(kThreads) group_norm_moments_##suffix(           \
      const T *x, float *partials, int positions, int channels, int block_rows) {               \
    moments(x, partials, positions, channels, block_rows);                                      \
  }                                                                                             \
  KERNEL_EXPORT(group_norm_moments_##suffix)                                                    \
  extern "C" __global__ void __launch_bounds__(kThreads) group_norm_##suffix(                   \
      const T *x, const float *affine, T *out, int positions, int channels, int block_rows,     \
      int activation) {                                                                         \
    normalize(x, affine, out, positions, channels, block_rows, activation);                     \
  }                                                                                             \
  KERNEL_EXPORT(group_norm_##suffix)

GROUP_NORM(float, f32)
GROUP_NORM(half, f16)
GROUP_NORM(bf16, bf16)
