// Convolution over time, rows and columns that never looks ahead; see the contract CausalConv3d.
// conv.cuh says how the work is split and what bounds it.
#include "conv.cuh"

CONV_TILES(causal_conv3d, bf16, bf16)
CONV_TILES(causal_conv3d, half, f16)
CONV_FP32(causal_conv3d, float, f32)
CONV_FP32(causal_conv3d, half, f16)
CONV_FP32(causal_conv3d, bf16, bf16)
