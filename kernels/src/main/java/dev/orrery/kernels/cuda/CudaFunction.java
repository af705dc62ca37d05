package dev.orrery.kernels.cuda;

import jcuda.driver.CUfunction;

/**
 * A kernel function that is loaded on a device.
 *
 * @param id its number on the device
 * @param name its name in the source
 * @param handle what the driver knows it by
 */
public record CudaFunction(int id, String name, CUfunction handle) {}
