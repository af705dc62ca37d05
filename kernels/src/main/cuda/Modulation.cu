// out[n, f, c] = table[n, c] + embedding[n or 0, f, c]; see the contract Modulation. One element a
// thread: some ten thousand in all, so the launch takes longer than the bytes.
#include "tile.cuh"

constexpr int kThreads = 256;

// embedding_count: elements of the embedding, which is repeated until count elements are reached
template <typename T>
DEV void modulation(const T *table, const float *embedding, float *out, int frames, int channels,
                    int64_t embedding_count, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t row = i / channels;
  const float learned = to_float(table[row / frames * channels + i - row * channels]);
  out[i] = learned + embedding[i % embedding_count];
}

#define MODULATION(T, suffix)                                                                    \
  extern "C" __global__ void __launch_bounds__(kThreads)                                         \
      modulation_##suffix(const T *table, const float *embedding, float *out, int frames,        \
                          int channels, int64_t embedding_count, int64_t count) {                \
    modulation(table, embedding, out, frames, channels, embedding_count, count);                 \
  }                                                                                              \
  KERNEL_EXPORT(modulation_##suffix)

MODULATION(float, f32)
MODULATION(half, f16)
MODULATION(bf16, bf16)
