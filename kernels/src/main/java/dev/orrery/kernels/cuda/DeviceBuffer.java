package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.Buffer;

/**
 * A run of bytes in the memory of a GPU.
 *
 * @param device the GPU
 * @param address its address there
 * @param byteSize its size
 */
record DeviceBuffer(CudaDevice device, long address, long byteSize) implements Buffer {
  @Override
  public String location() {
    return device.name();
  }
}
