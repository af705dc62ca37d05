/**
 * Products over weights of int8, int4 and fp8, and the quantisation of activations.
 *
 * <p>Begin with {@link dev.orrery.kernels.linear.quantized.MatmulInt8}, the shortest, and {@link
 * dev.orrery.kernels.linear.quantized.ScaledRows}, what int8 and fp8 matrices are; {@link
 * dev.orrery.kernels.linear.quantized.GroupedInt4} is what int4 weights are. {@code
 * QuantizedMatmulLauncher} chooses among the functions of a source on a GPU.
 */
package dev.orrery.kernels.linear.quantized;
