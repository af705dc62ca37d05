// What kernels of matrix products do with their sums before they store them: bias and activation, or
// bias, gate and addition in place; in products of quantised rows, scales before that.
#pragma once

#include "activation.cuh"
#include "alignment.cuh"
#include "tile.cuh"

// Sums that are finished and stored together: 16 bytes of 16-bit elements.
constexpr int kVector = 8;

template <int kCount>
DEV void activate(int activation, float (&values)[kCount]) {
  switch (activation) {
    case kSilu:
#pragma unroll
      for (int i = 0; i < kCount; i++) values[i] = silu(values[i]);
      break;
    case kGeluTanh:
#pragma unroll
      for (int i = 0; i < kCount; i++) values[i] = gelu_tanh(values[i]);
      break;
    case kGeluErf:
#pragma unroll
      for (int i = 0; i < kCount; i++) values[i] = gelu_erf(values[i]);
      break;
    case kSigmoid:
#pragma unroll
      for (int i = 0; i < kCount; i++) values[i] = sigmoid(values[i]);
      break;
    default:
      break;
  }
}

// Loads up to kCount consecutive elements; the others become zero.
template <int kCount, typename T>
DEV void load_some(const T *from, int present, float (&values)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; i++) {
    values[i] = i < present ? to_float(from[i]) : 0.0f;
  }
}
template <typename T>
DEV void load_some8(const T *from, int present, bool vectors, float (&values)[kVector]) {
  if (vectors) {
    load8(from, values);
  } else {
    load_some(from, present, values);
  }
}

template <typename T>
DEV void store_some8(T *to, int present, bool vectors, const float (&values)[kVector]) {
  if (vectors) {
    store8(to, values);
    return;
  }
#pragma unroll
  for (int i = 0; i < kVector; i++) {
    if (i < present) to[i] = from_float<T>(values[i]);
  }
}

// out = activation(sum + bias), with out [rows, columns].
template <typename T>
struct Activated {
  T *out;
  const float *bias;
  int activation;

  // Whether every eight columns lie at addresses that allow 16-byte accesses.
  DEV bool vectors(int columns) const {
    return columns % kVector == 0 && is_aligned16(out) && is_aligned16(bias);
  }

  DEV void store(float sum, int row, int column, int columns) const {
    float y[1] = {bias == nullptr ? sum : sum + bias[column]};
    activate(activation, y);
    out[size_t(row) * columns + column] = from_float<T>(y[0]);
  }

  DEV void store(float (&sums)[kVector], int row, int column, int columns, bool vectors) const {
    const int present = columns - column;
    if (bias != nullptr) {
      float biases[kVector];
      load_some8(bias + column, present, vectors, biases);
#pragma unroll
      for (int i = 0; i < kVector; i++) sums[i] += biases[i];
    }
    activate(activation, sums);
    store_some8(out + size_t(row) * columns + column, present, vectors, sums);
  }
};

// residual += gate[row / rows_per_frame] * (sum + bias); a missing gate is one.
template <typename T>
struct AddedGated {
  T *residual;
  const float *bias;
  const float *gate;
  int rows_per_frame;

  DEV bool vectors(int columns) const {
    return columns % kVector == 0 && is_aligned16(residual) && is_aligned16(bias) &&
           is_aligned16(gate);
  }

  DEV const float *gates(int row, int column, int columns) const {
    return gate + size_t(row / rows_per_frame) * columns + column;
  }

  DEV void store(float sum, int row, int column, int columns) const {
    T *at = residual + size_t(row) * columns + column;
    const float y = bias == nullptr ? sum : sum + bias[column];
    const float factor = gate == nullptr ? 1.0f : *gates(row, column, columns);
    *at = from_float<T>(fmaf(factor, y, to_float(*at)));
  }

  DEV void store(float (&sums)[kVector], int row, int column, int columns, bool vectors) const {
    const int present = columns - column;
    T *at = residual + size_t(row) * columns + column;
    float before[kVector];
    load_some8(at, present, vectors, before);
    if (bias != nullptr) {
      float biases[kVector];
      load_some8(bias + column, present, vectors, biases);
#pragma unroll
      for (int i = 0; i < kVector; i++) sums[i] += biases[i];
    }
    float factors[kVector] = {1, 1, 1, 1, 1, 1, 1, 1};
    if (gate != nullptr) {
      load_some8(gates(row, column, columns), present, vectors, factors);
    }
#pragma unroll
    for (int i = 0; i < kVector; i++) sums[i] = fmaf(factors[i], sums[i], before[i]);
    store_some8(at, present, vectors, sums);
  }
};

// Multiplies sums by the scale of their row of x, then by that of their row of the weight, and ends as
// Inner does. Roundings are those of two products, whatever the compiler makes of what follows.
template <typename Inner>
struct Scaled {
  const float *x_scales;
  const float *weight_scales;
  Inner inner;

  DEV bool vectors(int columns) const {
    return inner.vectors(columns) && is_aligned16(weight_scales);
  }

  DEV void store(float sum, int row, int column, int columns) const {
    const float scaled = __fmul_rn(__fmul_rn(sum, x_scales[row]), weight_scales[column]);
    inner.store(scaled, row, column, columns);
  }

  DEV void store(float (&sums)[kVector], int row, int column, int columns, bool vectors) const {
    float scales[kVector];
    load_some8(weight_scales + column, columns - column, vectors, scales);
    const float row_scale = x_scales[row];
#pragma unroll
    for (int i = 0; i < kVector; i++) {
      sums[i] = __fmul_rn(__fmul_rn(sums[i], row_scale), scales[i]);
    }
    inner.store(sums, row, column, columns, vectors);
  }
};

// Where column c of a row of kWidth sums is kept in shared memory: the columns of rows that a warp
// writes at the same time lie in different banks. Eights of columns stay together.
template <int kWidth>
DEV int staged(int row, int column) {
  static_assert(kWidth >= 32, "four groups of eight columns change places");
  return row * kWidth + (column ^ ((row & 3) << 3));
}

// Stores kRows x kWidth sums that a warp holds in staging; each lane takes eights of columns, so
// that a row is written in runs of kWidth elements.
template <int kRows, int kWidth, typename Epilogue>
DEV void store_staged(const float *staging, int first_row, int first_column, int rows, int columns,
                      const Epilogue &epilogue, bool vectors) {
  constexpr int kEights = kWidth / kVector;
  // A loop, because the activations of eight elements are a lot of code.
#pragma unroll 1
  for (int i = threadIdx.x % 32; i < kRows * kEights; i += 32) {
    const int row = i / kEights;
    const int column = i % kEights * kVector;
    if (first_row + row < rows && first_column + column < columns) {
      float sums[kVector];
      load8(staging + staged<kWidth>(row, column), sums);
      epilogue.store(sums, first_row + row, first_column + column, columns, vectors);
    }
  }
}
