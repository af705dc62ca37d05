// Pixel bytes of decoded video, truncated after (x + offset) * scale in fp32; see the contract
// FramesToBytes. Eight consecutive elements a thread; bound by bytes.
#include "eights.cuh"

// Comparisons with NaN fail, so that it becomes 0.
DEV uint32_t pixel_byte(float scaled) {
  if (!(scaled > 0.0f)) return 0;
  return scaled < 255.0f ? uint32_t(scaled) : 255;
}

template <typename T>
DEV void frames_to_bytes(const T *x, uint8_t *out, float offset, float scale, int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  float values[8];
  load_eight(x, first, count, values);
#pragma unroll
  for (int i = 0; i < 8; i++) values[i] = (values[i] + offset) * scale;
  if (reinterpret_cast<uintptr_t>(out) % 8 == 0 && first + 8 <= count) {
    uint32_t words[2] = {};
#pragma unroll
    for (int i = 0; i < 8; i++) words[i / 4] |= pixel_byte(values[i]) << (i % 4 * 8);
    *reinterpret_cast<uint2 *>(out + first) = make_uint2(words[0], words[1]);
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++) {
    if (first + i < count) out[first + i] = uint8_t(pixel_byte(values[i]));
  }
}

#define FRAMES_TO_BYTES(T, suffix)                                                             \
  extern "C" __global__ void __launch_bounds__(kEightsThreads)                                 \
      frames_to_bytes_##suffix(const T *x, uint8_t *out, float offset, float scale,            \
                               int64_t count) {                                                \
    frames_to_bytes(x, out, offset, scale, count);                                             \
  }                                                                                            \
  KERNEL_EXPORT(frames_to_bytes_##suffix)

FRAMES_TO_BYTES(float, f32)
FRAMES_TO_BYTES(half, f16)
FRAMES_TO_BYTES(bf16, bf16)
