// Reverses 64 elements through shared memory.
#include "tile.cuh"

extern "C" __global__ void __launch_bounds__(64) reverse(const float *x, float *out) {
  __shared__ float values[64];
  wait_for_previous_kernel();
  values[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = values[63 - threadIdx.x];
}
KERNEL_EXPORT(reverse)
