/**
 * What CUDA launchers stand on: the device, streams and their recorded calls, memory, and the
 * driver behind an interface, so that tests put an emulated GPU in its place. Begin with {@code
 * CudaKernel} and {@code CudaStream}.
 */
package dev.orrery.kernels.cuda;
