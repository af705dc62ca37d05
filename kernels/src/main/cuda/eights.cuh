// Passes over tensors in which a thread takes eight consecutive elements, with 16-byte accesses
// where the addresses allow it.
#pragma once

#include "alignment.cuh"

constexpr int kEightsThreads = 256;

// The first element of this thread.
DEV int64_t first_of_eight() {
  return (int64_t(blockIdx.x) * kEightsThreads + threadIdx.x) * 8;
}

// The elements from `first` on; those behind the last one become zero.
template <typename T>
DEV void load_eight(const T *x, int64_t first, int64_t count, float (&values)[8]) {
  if (is_aligned16(x) && first + 8 <= count) {
    load8(x + first, values);
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++) values[i] = first + i < count ? to_float(x[first + i]) : 0.0f;
}

// Stores the elements from `first` on that exist.
template <typename T>
DEV void store_eight(T *out, int64_t first, int64_t count, const float (&values)[8]) {
  if (is_aligned16(out) && first + 8 <= count) {
    store8(out + first, values);
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++) {
    if (first + i < count) out[first + i] = from_float<T>(values[i]);
  }
}

// out[i] = map(x[i]) for count elements; out may be x.
template <typename T, typename Map>
DEV void map_eights(const T *x, T *out, int64_t count, Map map) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  load_eight(x, first, count, values);
#pragma unroll
  for (int i = 0; i < 8; i++) values[i] = map(values[i]);
  store_eight(out, first, count, values);
}

// out[i] = map(a[i], b[i]) for count elements; out may be a or b.
template <typename T, typename Map>
DEV void map_eights(const T *a, const T *b, T *out, int64_t count, Map map) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  float others[8];
  load_eight(a, first, count, values);
  load_eight(b, first, count, others);
#pragma unroll
  for (int i = 0; i < 8; i++) values[i] = map(values[i], others[i]);
  store_eight(out, first, count, values);
}
