// Boxes that the two blocks of a cluster bring for each other: in each step half a box of 16 rows of
// 128 bytes a block, by TMA to both, into one slot. out [blocks][steps][16 * 128] is what each block
// finds in its slot, in the order of shared memory.
#include "hopper.cuh"

constexpr int kRows = 16;
constexpr int kRowBytes = 128;
constexpr int kBoxBytes = kRows * kRowBytes;

extern "C" __global__ void __cluster_dims__(2, 1, 1) share_boxes(
    unsigned char *out, const __grid_constant__ CUtensorMap map, int steps) {
  DYN_SMEM(unsigned char, shared);
  const uint32_t slot = smem_u32(shared);
  const uint32_t full = slot + kBoxBytes;
  const uint32_t empty = full + 8;
  const int half = blockIdx.x % 2 * (kRows / 2);
  const int first_row = blockIdx.x / 2 * kRows;
  if (threadIdx.x == 0) {
    mbar_init(full, 1);
    mbar_init(empty, 2);
  }
  cluster_sync();
  wait_for_previous_kernel();
  for (int step = 0; step < steps; step++) {
    if (threadIdx.x == 0) {
      // The phase before the first one counts as over.
      mbar_wait(empty, (step + 1) % 2);
      mbar_expect_tx(full, kBoxBytes);
      tma_multicast_2d(slot + half * kRowBytes, &map, step * kRowBytes, first_row + half, full, 3);
    }
    mbar_wait(full, step % 2);
    unsigned char *to = out + (size_t(blockIdx.x) * steps + step) * kBoxBytes;
    for (int i = threadIdx.x; i < kBoxBytes; i += blockDim.x) to[i] = shared[i];
    __syncthreads();
    if (threadIdx.x < 2) mbar_arrive_in(empty, threadIdx.x);
  }
  // The barriers have to be there until the other block has arrived for the last time.
  if (threadIdx.x == 0) mbar_wait(empty, (steps + 1) % 2);
}
KERNEL_EXPORT(share_boxes)
