// out = a + b, and the same with fewer rows of b; see the contract Add. Eight consecutive elements a
// thread; bound by bytes.
#include "eights.cuh"

DEV float sum(float a, float b) { return a + b; }

// out[i] = a[i] + b[i / block * run + i % run].
template <typename T>
DEV void add_rows(const T *a, const T *b, T *out, int64_t run, int64_t block, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  load_eight(a, first, count, values);
  // Where runs consist of eights, so do blocks and the whole, and a thread's eight is in one run; as
  // numbers of eights fit in 32 bits, dividing them is cheap.
  if (run % 8 == 0) {
    const uint32_t eight = uint32_t(first / 8);
    const uint32_t run_eights = uint32_t(run / 8);
    const int64_t run_of_b = eight / uint32_t(block / 8) * int64_t(run_eights);
    float others[8];
    load_eight(b + (run_of_b + eight % run_eights) * 8, 0, 8, others);
#pragma unroll
    for (int i = 0; i < 8; i++) values[i] += others[i];
  } else {
#pragma unroll 1
    for (int64_t i = first; i < first + 8 && i < count; i++) {
      values[i - first] += to_float(b[i / block * run + i % run]);
    }
  }
  store_eight(out, first, count, values);
}

#define ADD(T, suffix)                                               \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)       \
      add_##suffix(const T *a, const T *b, T *out, int64_t count) {  \
    map_eights(a, b, out, count, sum);                               \
  }                                                                  \
  KERNEL_EXPORT(add_##suffix)                                        \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)       \
      add_rows_##suffix(const T *a, const T *b, T *out, int64_t run, \
                        int64_t block, int64_t count) {              \
    add_rows(a, b, out, run, block, count);                          \
  }                                                                  \
  KERNEL_EXPORT(add_rows_##suffix)

ADD(float, f32)
ADD(half, f16)
ADD(bf16, bf16)
