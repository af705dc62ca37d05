/**
 * Kernels: one contract for each operation, with an implementation for every backend.
 *
 * <p>Begin with {@code docs/kernels.md}, the index of operations, or with {@link
 * dev.orrery.kernels.CpuBackend} and {@link dev.orrery.kernels.CudaBackend}, which list them. An
 * operation {@code Op} is the interface {@code Op}; {@code OpCpu} is its reference, {@code OpSimd}
 * runs on the Vector API, {@code OpCuda} launches {@code Op.cu}. The operations lie in packages by
 * kind; {@code tensor}, {@code backend}, {@code cpu} and {@code cuda} support them.
 */
package dev.orrery.kernels;
