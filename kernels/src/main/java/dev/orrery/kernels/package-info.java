/**
 * Kernels: one contract for each operation, with an implementation for every backend.
 *
 * <p>Begin with {@code docs/kernels.md}, the index of operations, or with {@link
 * dev.orrery.kernels.CpuBackend}, {@link dev.orrery.kernels.CudaBackend} and {@link
 * dev.orrery.kernels.TornadoBackend}, which list them. An operation {@code Op} is the interface
 * {@code Op}; {@code OpCpu} is its reference, {@code OpSimd} runs on the Vector API, {@code OpCuda}
 * launches {@code Op.cu}, {@code OpTornado} is compiled by TornadoVM. The operations lie in
 * packages by kind; {@code tensor}, {@code backend}, {@code cpu}, {@code cuda} and {@code tornado}
 * support them.
 */
package dev.orrery.kernels;
