// Softmax over keys that come tile by tile, on scores as tensor cores leave them: element
// 4j + 2r + i of a thread belongs to its row r of two and to key 8j + 2 (lane % 4) + i. The four
// lanes of a quad hold a row together.
#pragma once
#include "tile.cuh"

// The running softmax of a thread's two rows.
struct OnlineSoftmax {
  float max[2] = {-INFINITY, -INFINITY};
  float sum[2] = {0, 0};  // of this thread's keys
};

DEV float quad_max(float value) {
  value = fmaxf(value, __shfl_xor_sync(kFullWarp, value, 1));
  return fmaxf(value, __shfl_xor_sync(kFullWarp, value, 2));
}

DEV float quad_sum(float value) {
  value += __shfl_xor_sync(kFullWarp, value, 1);
  return value + __shfl_xor_sync(kFullWarp, value, 2);
}

// One scale for all scores, positive; it includes log2(e).
struct SameScale {
  float scale_log2;

  // For the two rows of a thread among the 16 from a first query on, of so many.
  DEV SameScale of_rows(int, int, int) const { return *this; }
  // For their scores with the keys of a tile, whose first one is given.
  DEV float of_keys(int) const { return scale_log2; }
};

// The scales of a thread's two rows.
struct RowScales {
  float rows[2];
};

// Where the products of a tile are added up: in the scores themselves or, in int8, in integers that
// live no longer than that.
template <typename Sum, int kScores>
struct Products {
  Sum sums[kScores];
  DEV Sum (&of(float (&)[kScores]))[kScores] { return sums; }
};
template <int kScores>
struct Products<float, kScores> {
  DEV float (&of(float (&scores)[kScores]))[kScores] { return scores; }
};

// Scores as products of 16 bits leave them; and those of int8, exact in fp32 up to 2^24.
template <typename Sum, int kScores>
DEV void as_scores(const Sum (&products)[kScores], float (&scores)[kScores]) {
#pragma unroll
  for (int e = 0; e < kScores; e++) scores[e] = float(products[e]);
}

// Takes the keys from `count` on out of a tile.
template <int kScores>
DEV void mask_keys(float (&scores)[kScores], int count) {
  const int key = threadIdx.x % 4 * 2;
#pragma unroll
  for (int e = 0; e < kScores; e++) {
    if (key + e / 4 * 8 + e % 2 >= count) scores[e] = -INFINITY;
  }
}

// Turns the scores of a tile into weights 2^(scale (score - max)) and adds them up. Sums made with
// earlier weights are then to be multiplied by `shrink`. The scale is positive, and at least one key
// of the tile counts.
template <int kScores>
DEV void add_scores(OnlineSoftmax &softmax, float (&scores)[kScores], float scale,
                    float (&shrink)[2]) {
  float max[2] = {softmax.max[0], softmax.max[1]};
#pragma unroll
  for (int e = 0; e < kScores; e++) max[e / 2 % 2] = fmaxf(max[e / 2 % 2], scores[e]);
  float shift[2];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    max[r] = quad_max(max[r]);
    shift[r] = max[r] * scale;
    shrink[r] = exp2_approx((softmax.max[r] - max[r]) * scale);
    softmax.max[r] = max[r];
    softmax.sum[r] *= shrink[r];
  }
#pragma unroll
  for (int e = 0; e < kScores; e++) {
    const int r = e / 2 % 2;
    scores[e] = exp2_approx(fmaf(scores[e], scale, -shift[r]));
    softmax.sum[r] += scores[e];
  }
}

// The same with a scale for each row of each tile; the maxima are those of scaled scores.
template <int kScores>
DEV void add_scores(OnlineSoftmax &softmax, float (&scores)[kScores], const RowScales &scale,
                    float (&shrink)[2]) {
  float max[2] = {-INFINITY, -INFINITY};
#pragma unroll
  for (int e = 0; e < kScores; e++) max[e / 2 % 2] = fmaxf(max[e / 2 % 2], scores[e]);
#pragma unroll
  for (int r = 0; r < 2; r++) {
    max[r] = fmaxf(softmax.max[r], quad_max(max[r]) * scale.rows[r]);
    shrink[r] = exp2_approx(softmax.max[r] - max[r]);
    softmax.max[r] = max[r];
    softmax.sum[r] *= shrink[r];
  }
#pragma unroll
  for (int e = 0; e < kScores; e++) {
    const int r = e / 2 % 2;
    scores[e] = exp2_approx(fmaf(scores[e], scale.rows[r], -max[r]));
    softmax.sum[r] += scores[e];
  }
}

// Multiplies what a thread holds of its two rows.
template <int kElements>
DEV void scale_rows(float (&elements)[kElements], const float (&factors)[2]) {
#pragma unroll
  for (int e = 0; e < kElements; e++) elements[e] *= factors[e / 2 % 2];
}

// Turns weighted sums into averages.
template <int kElements>
DEV void average(const OnlineSoftmax &softmax, float (&sums)[kElements]) {
  const float factors[2] = {1 / quad_sum(softmax.sum[0]), 1 / quad_sum(softmax.sum[1])};
  scale_rows(sums, factors);
}

// Leaves averages as they are before they are stored: those of 16 rows of a warp, of which the
// first is a query of so many.
struct Untransformed {
  template <int kSums>
  DEV void operator()(float (&)[kSums], int, int) const {}
};

// The weights of 16 keys as the left operand of a product, from eight consecutive elements.
template <typename T>
DEV void weights_operand(const float *weights, uint32_t (&operand)[4]) {
#pragma unroll
  for (int i = 0; i < 4; i++) operand[i] = pack<T>(weights[2 * i], weights[2 * i + 1]);
}

// The same for all of them, 16 keys an operand.
template <typename T, int kWeights>
DEV void weights_operands(const float (&weights)[kWeights], uint32_t (&operands)[kWeights / 8][4]) {
#pragma unroll
  for (int i = 0; i < kWeights / 8; i++) weights_operand<T>(weights + 8 * i, operands[i]);
}
