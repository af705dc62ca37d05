// Convolution over the rows and columns of frames; see the contract Conv2d. It is that of one frame
// of kernel and no history; conv.cuh says how the work is split and what bounds it.
#include "conv.cuh"

CONV_TILES(conv2d, bf16, bf16)
CONV_TILES(conv2d, half, f16)
CONV_FP32(conv2d, float, f32)
CONV_FP32(conv2d, half, f16)
CONV_FP32(conv2d, bf16, bf16)
