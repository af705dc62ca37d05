package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tensor.Buffer;

/**
 * A range of a slab.
 *
 * @param device owner of the slab
 * @param slab where it lies
 * @param start its first element
 * @param byteSize its length
 */
record SlabBuffer(TornadoDevice device, Slab slab, long start, long byteSize) implements Buffer {
  @Override
  public String location() {
    return device.name();
  }
}
