// The values of a tensor in another dtype; see the contract Convert. Eight consecutive elements a
// thread; bound by bytes.
#include "eights.cuh"

template <typename In, typename Out>
DEV void convert(const In *x, Out *out, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  load_eight(x, first, count, values);
  store_eight(out, first, count, values);
}

#define CONVERT(In, in, Out, to)                                                      \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)                        \
      convert_##in##_##to(const In *x, Out *out, int64_t count) {                     \
    convert(x, out, count);                                                           \
  }                                                                                   \
  KERNEL_EXPORT(convert_##in##_##to)

#define CONVERT_FROM(In, in)  \
  CONVERT(In, in, float, f32) \
  CONVERT(In, in, half, f16)  \
  CONVERT(In, in, bf16, bf16)

CONVERT_FROM(float, f32)
CONVERT_FROM(half, f16)
CONVERT_FROM(bf16, bf16)
