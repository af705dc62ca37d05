// Small kernels that use one primitive each.
#include "hopper.cuh"

// Each thread gets the sum over its block, and the maximum.
extern "C" __global__ void __launch_bounds__(256) reduce(const float *x, float *out, int count) {
  __shared__ float scratch[8];
  wait_for_previous_kernel();
  const int i = blockIdx.x * 256 + threadIdx.x;
  const float value = i < count ? x[i] : 0.0f;
  const float sum = block_sum<256>(value, scratch);
  const float largest = block_max<256>(value, scratch);
  if (i < count) out[i] = sum + 1000.0f * largest;
}
KERNEL_EXPORT(reduce)

// What each lane gets from votes and shuffles, eight numbers a thread. The last warp may have any
// number of lanes.
extern "C" __global__ void exchange(int *out) {
  wait_for_previous_kernel();
  const int lane = threadIdx.x % 32;
  const int lanes = min(32, int(blockDim.x) - int(threadIdx.x) / 32 * 32);
  int *mine = out + threadIdx.x * 8;
  mine[0] = __ballot_sync(kFullWarp, lane % 3 == 0);
  mine[1] = __shfl_sync(kFullWarp, 10 * lane, lanes - 1);
  mine[2] = __shfl_xor_sync(kFullWarp, lane, 1, 2);
  mine[3] = __shfl_up_sync(kFullWarp, lane, 1);
  mine[4] = __any_sync(kFullWarp, lane == 1);
  mine[5] = __all_sync(kFullWarp, lane < 32);
  // Halves of a warp meet on their own.
  const unsigned half_mask = lane < 16 ? 0x0000ffffu : 0xffff0000u;
  mine[6] = __shfl_down_sync(half_mask, lane, 2, 16);
  mine[7] = lane == 0 ? -1 : __shfl_sync(~1u, lane, 1);
}
KERNEL_EXPORT(exchange)

// Two warps hand a number to the two others, which do not make them wait; then all count.
extern "C" __global__ void __launch_bounds__(128) hand_over(int *out, int *count) {
  __shared__ int values[64];
  wait_for_previous_kernel();
  if (threadIdx.x < 64) {
    values[threadIdx.x] = 100 + threadIdx.x;
    named_barrier_arrive(3, 128);
  } else {
    named_barrier_sync(3, 128);
    out[threadIdx.x - 64] = values[127 - threadIdx.x];
  }
  atomicAdd(count, 1);
}
KERNEL_EXPORT(hand_over)

// Leaves early in most threads: barriers do not wait for those.
extern "C" __global__ void __launch_bounds__(64) leave_early(int *out) {
  wait_for_previous_kernel();
  if (threadIdx.x >= 40) return;
  __syncthreads();
  out[threadIdx.x] = __shfl_xor_sync(kFullWarp, int(threadIdx.x), 1);
}
KERNEL_EXPORT(leave_early)
