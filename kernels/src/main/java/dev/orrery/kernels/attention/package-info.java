/**
 * Attention: plain, with a bias for each pair of positions, over the frames at each position, with
 * cameras, and of int8 queries and keys.
 *
 * <p>Begin with {@link dev.orrery.kernels.attention.Attention}. An operation has its stem in the
 * names of all its classes: the contract, then {@code Cpu} (reference), {@code Simd}, {@code Cuda};
 * {@code AttentionTensorCores} launches those of CUDA on tensor cores, by {@code AttentionTile} or,
 * for Hopper, by {@code AttentionHopperLauncher}. Other helpers carry the backend that they serve:
 * {@code AttentionRowCpu}, {@code OnlineSoftmaxSimd}.
 */
package dev.orrery.kernels.attention;
