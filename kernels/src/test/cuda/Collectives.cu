// Small kernels that use one primitive each.
#include "tile.cuh"

// Each thread gets the sum over its block, and the maximum.
extern "C" __global__ void __launch_bounds__(256) reduce(const float *x, float *out, int count) {
  __shared__ float scratch[8];
  const int i = blockIdx.x * 256 + threadIdx.x;
  const float value = i < count ? x[i] : 0.0f;
  const float sum = block_sum<256>(value, scratch);
  const float largest = block_max<256>(value, scratch);
  if (i < count) out[i] = sum + 1000.0f * largest;
}
KERNEL_EXPORT(reduce)

// Reverses 64 elements through shared memory.
extern "C" __global__ void __launch_bounds__(64) reverse(const float *x, float *out) {
  __shared__ float values[64];
  values[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = values[63 - threadIdx.x];
}
KERNEL_EXPORT(reverse)
