/**
 * The TornadoVM device. Start at {@link dev.orrery.kernels.tornado.TornadoKernel}, what the kernels
 * of all operations share; they name their code as a {@link dev.orrery.kernels.tornado.KernelCode}
 * and run it on a {@link dev.orrery.kernels.tornado.TornadoDevice}, whose tensors are ranges of
 * {@link dev.orrery.kernels.tornado.Slab}s. A {@link dev.orrery.kernels.tornado.TornadoDriver} does
 * the rest: TornadoVM, or an emulation in the tests.
 */
package dev.orrery.kernels.tornado;
