// out = a x + b y (+ c z) in double precision; see the contract LinearCombination. Eight consecutive
// elements a thread; bound by bytes.
#include "eights.cuh"

// Products are rounded before they are added, as in the reference.
extern "C" __global__ void __launch_bounds__(kEightsThreads)
    linear_combination_f32(const float *xs, const float *ys, float *out, double a, double b,
                           int64_t count) {
  map_eights(xs, ys, out, count,
             [=](float x, float y) { return float(__dmul_rn(a, x) + __dmul_rn(b, y)); });
}
KERNEL_EXPORT(linear_combination_f32)

extern "C" __global__ void __launch_bounds__(kEightsThreads)
    linear_combination_of_three_f32(const float *xs, const float *ys, const float *zs, float *out,
                                    double a, double b, double c, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float x[8];
  float y[8];
  float z[8];
  load_eight(xs, first, count, x);
  load_eight(ys, first, count, y);
  load_eight(zs, first, count, z);
#pragma unroll
  for (int i = 0; i < 8; i++) {
    x[i] = float(__dmul_rn(a, x[i]) + __dmul_rn(b, y[i]) + __dmul_rn(c, z[i]));
  }
  store_eight(out, first, count, x);
}
KERNEL_EXPORT(linear_combination_of_three_f32)
