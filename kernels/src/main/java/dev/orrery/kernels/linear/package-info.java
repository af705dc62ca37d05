/**
 * Matrix products of linear layers and what happens to their sums.
 *
 * <p>Begin with {@link dev.orrery.kernels.linear.Matmul}; {@link
 * dev.orrery.kernels.linear.MatmulResidual} adds the result, gated, to a residual stream, and
 * {@link dev.orrery.kernels.linear.Epilogue} is the choice between the two. Products over quantised
 * weights are in {@code linear.quantized}. On the CPU all of them are {@code PackedMatmulSimd} over
 * operands of different forms; on GPUs, {@code *Launcher} classes choose tiles and launch.
 */
package dev.orrery.kernels.linear;
