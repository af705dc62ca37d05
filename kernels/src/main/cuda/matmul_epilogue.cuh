// What kernels of matrix products do with their sums before they store them: bias and activation, or
// bias, gate and addition in place; in products of quantised rows, scales before that.
//
// A lane finishes the same eight columns of several rows. What an epilogue reads of memory for all of
// them (Columns) and for each (Row) is loaded some time before it is used.
#pragma once

#include "activation.cuh"
#include "alignment.cuh"
#include "tile.cuh"

// Sums that are finished and stored together: 16 bytes of 16-bit elements.
constexpr int kVector = 8;
// Rows for which the loads of a lane are on their way at the same time.
constexpr int kLoadsInFlight = 4;

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

// Eight elements as they lie in memory: nothing waits for them before they are widened.
template <typename T>
struct Eight {
  uint32_t words[kVector / 2];

  DEV void narrow(const float (&values)[kVector]) {
#pragma unroll
    for (int i = 0; i < kVector / 2; i++) words[i] = pack<T>(values[2 * i], values[2 * i + 1]);
  }
  DEV void widen(float (&values)[kVector]) const {
#pragma unroll
    for (int i = 0; i < kVector / 2; i++) {
      const float2 pair = unpack<T>(words[i]);
      values[2 * i] = pair.x;
      values[2 * i + 1] = pair.y;
    }
  }
};
template <>
struct Eight<float> {
  uint32_t words[kVector];

  DEV void narrow(const float (&values)[kVector]) {
#pragma unroll
    for (int i = 0; i < kVector; i++) words[i] = __float_as_uint(values[i]);
  }
  DEV void widen(float (&values)[kVector]) const {
#pragma unroll
    for (int i = 0; i < kVector; i++) values[i] = __uint_as_float(words[i]);
  }
};

// Eight columns of a matrix with so many, from column `first` on.
struct EightColumns {
  int first;
  int columns;
  // Whether they lie, in every row, where accesses of 16 bytes may.
  bool vectors;

  DEV int present() const { return columns - first; }

  template <typename T>
  DEV T *of_row(T *matrix, int row) const {
    return matrix + size_t(row) * columns + first;
  }

  // Columns that do not exist become zero.
  template <typename T>
  DEV void load(const T *from, float (&values)[kVector]) const {
    if (vectors) {
      load8(from, values);
    } else {
      load_some(from, present(), values);
    }
  }
  template <typename T>
  DEV void load(const T *from, Eight<T> &eight) const {
    if (vectors) {
#pragma unroll
      for (int i = 0; i < int(sizeof(eight) / sizeof(uint4)); i++) {
        const uint4 four = reinterpret_cast<const uint4 *>(from)[i];
        eight.words[4 * i] = four.x;
        eight.words[4 * i + 1] = four.y;
        eight.words[4 * i + 2] = four.z;
        eight.words[4 * i + 3] = four.w;
      }
    } else {
      float values[kVector];
      load_some(from, present(), values);
      eight.narrow(values);
    }
  }

  template <typename T>
  DEV void store(T *to, const float (&values)[kVector]) const {
    if (vectors) {
      store8(to, values);
      return;
    }
#pragma unroll
    for (int i = 0; i < kVector; i++) {
      if (i < present()) to[i] = from_float<T>(values[i]);
    }
  }
};

// out = activation(sum + bias), with out [rows, columns].
template <typename T>
struct Activated {
  struct Columns {
    float biases[kVector] = {};
  };
  struct Row {};
  // One at a time, because activations of eight elements are a lot of code and wait for nothing.
  static constexpr int kRowsAtATime = 1;

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

  // What the sums of a row, of so many, are multiplied by before they are staged: nothing.
  DEV float row_scale(int, int) const { return 1.0f; }
  DEV float scaled(float sum, float) const { return sum; }

  // Loads what all rows take in the same way.
  DEV void load(const EightColumns &at, Columns &same) const {
    if (bias != nullptr) at.load(bias + at.first, same.biases);
  }
  // Loads what a row takes besides.
  DEV void load(const EightColumns &, int, Row &) const {}

  // Rows are stored in ascending order.
  DEV void store(float (&sums)[kVector], const EightColumns &at, int row, Columns &same,
                 const Row &) const {
#pragma unroll
    for (int i = 0; i < kVector; i++) sums[i] += same.biases[i];
    activate(activation, sums);
    at.store(at.of_row(out, row), sums);
  }
};

// residual += gate[row / rows_per_frame] * (sum + bias); a missing gate is one.
template <typename T>
struct AddedGated {
  struct Columns {
    float biases[kVector] = {};
    float gates[kVector] = {1, 1, 1, 1, 1, 1, 1, 1};
    // The row at which these gates end; before the first row until it is there.
    int frame_end = 0;
  };
  struct Row {
    Eight<T> before;
  };
  // Results of fp32, which are rare, would need more registers than the widest tile leaves.
  static constexpr int kRowsAtATime = sizeof(T) == 2 ? kLoadsInFlight : 1;

  T *residual;
  const float *bias;
  const float *gate;
  int rows_per_frame;

  DEV bool vectors(int columns) const {
    return columns % kVector == 0 && is_aligned16(residual) && is_aligned16(bias) &&
           is_aligned16(gate);
  }

  DEV void store(float sum, int row, int column, int columns) const {
    T *at = residual + size_t(row) * columns + column;
    const float y = bias == nullptr ? sum : sum + bias[column];
    const float factor =
        gate == nullptr ? 1.0f : gate[size_t(row / rows_per_frame) * columns + column];
    *at = from_float<T>(fmaf(factor, y, to_float(*at)));
  }

  DEV float row_scale(int, int) const { return 1.0f; }
  DEV float scaled(float sum, float) const { return sum; }

  DEV void load(const EightColumns &at, Columns &same) const {
    if (bias != nullptr) at.load(bias + at.first, same.biases);
  }
  DEV void load(const EightColumns &at, int row, Row &own) const {
    at.load(at.of_row(residual, row), own.before);
  }

  DEV void store(float (&sums)[kVector], const EightColumns &at, int row, Columns &same,
                 const Row &own) const {
    if (gate != nullptr && row >= same.frame_end) load_gates(at, row, same);
    float before[kVector];
    own.before.widen(before);
#pragma unroll
    for (int i = 0; i < kVector; i++) {
      sums[i] = fmaf(same.gates[i], sums[i] + same.biases[i], before[i]);
    }
    at.store(at.of_row(residual, row), sums);
  }

 private:
  DEV void load_gates(const EightColumns &at, int row, Columns &same) const {
    const int frame = row / rows_per_frame;
    same.frame_end = (frame + 1) * rows_per_frame;
    at.load(at.of_row(gate, frame), same.gates);
  }
};

// Multiplies sums by the scale of their row of x, then by that of their row of the weight, and ends as
// Inner does. Roundings are those of two products, whatever the compiler makes of what follows.
template <typename Inner>
struct Scaled {
  struct Columns {
    float scales[kVector];
    typename Inner::Columns inner;
  };
  using Row = typename Inner::Row;
  static constexpr int kRowsAtATime = Inner::kRowsAtATime;

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

  DEV float row_scale(int row, int rows) const { return row < rows ? x_scales[row] : 0.0f; }
  DEV float scaled(float sum, float scale) const { return __fmul_rn(sum, scale); }

  DEV void load(const EightColumns &at, Columns &same) const {
    at.load(weight_scales + at.first, same.scales);
    inner.load(at, same.inner);
  }
  DEV void load(const EightColumns &at, int row, Row &own) const { inner.load(at, row, own); }

  DEV void store(float (&sums)[kVector], const EightColumns &at, int row, Columns &same,
                 const Row &own) const {
#pragma unroll
    for (int i = 0; i < kVector; i++) sums[i] = __fmul_rn(sums[i], same.scales[i]);
    inner.store(sums, at, row, same.inner, own);
  }
};

// Where column c of a row of kWidth sums is kept in shared memory: the columns of rows that a warp
// writes at the same time lie in different banks. Eights of columns stay together.
template <int kWidth>
DEV int staged(int row, int column) {
  static_assert(kWidth >= 32, "four groups of eight columns change places");
  return row * kWidth + (column ^ ((row & 3) << 3));
}

// Finishes and stores kRows x kWidth sums of a warp. A lane has the same eight columns of every
// kStep-th row, so that a row is written in runs of kWidth elements. The first loads are on their way
// from the construction on, while the warp stages its sums.
template <int kRows, int kWidth, typename Epilogue>
class StagedStore {
 public:
  DEV StagedStore(const Epilogue &epilogue, int first_row, int first_column, int rows, int columns,
                  bool vectors)
      : epilogue_(epilogue),
        at_{first_column + column(), columns, vectors},
        first_row_(first_row),
        // None in columns that do not exist.
        rows_(at_.first < columns ? rows : 0) {
    if (exists(0)) epilogue_.load(at_, same_);
    load(0);
  }

  // Stores what lies in staging; all lanes have written it.
  DEV void store(const float *staging) {
    // A loop, because the activations of eight elements are a lot of code.
#pragma unroll 1
    for (int turn = 0; turn < kTurns; turn += kTogether) {
      if (turn > 0) load(turn);
#pragma unroll
      for (int i = 0; i < kTogether; i++) {
        if (exists(turn + i)) {
          float sums[kVector];
          load8(staging + staged<kWidth>(staged_row(turn + i), column()), sums);
          epilogue_.store(sums, at_, row_of(turn + i), same_, own_[i]);
        }
      }
    }
  }

 private:
  static constexpr int kEights = kWidth / kVector;
  static constexpr int kStep = 32 / kEights;
  static constexpr int kTurns = kRows / kStep;
  static constexpr int kTogether = Epilogue::kRowsAtATime;
  static_assert(kTurns % kTogether == 0, "whole turns");

  const Epilogue &epilogue_;
  const EightColumns at_;
  const int first_row_;
  const int rows_;
  typename Epilogue::Columns same_;
  typename Epilogue::Row own_[kTogether];

  static DEV int column() { return threadIdx.x % kEights * kVector; }
  static DEV int staged_row(int turn) { return threadIdx.x % 32 / kEights + turn * kStep; }
  DEV int row_of(int turn) const { return first_row_ + staged_row(turn); }
  DEV bool exists(int turn) const { return row_of(turn) < rows_; }

  DEV void load(int turn) {
#pragma unroll
    for (int i = 0; i < kTogether; i++) {
      if (exists(turn + i)) epilogue_.load(at_, row_of(turn + i), own_[i]);
    }
  }
};
