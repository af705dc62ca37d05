/**
 * What kernels of the CPU stand on: threads that give the same result for any number of them, views
 * of tensors as fp32, vectors, tiles and passes over rows.
 */
package dev.orrery.kernels.cpu;
