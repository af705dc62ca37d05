package dev.orrery.kernels.tornado;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives every tensor a slab of its own that ends with it, so that an emulated kernel that reads or
 * writes behind a tensor throws an exception. In front of it is what a slab reserves: NaN.
 */
final class TightArena implements TensorArena {
  private final TornadoDevice device;
  private final List<Slab> slabs = new ArrayList<>();
  private long bytes;

  TightArena(TornadoDevice device) {
    this.device = device;
  }

  @Override
  public Tensor empty(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    Elements kind = Elements.of(dtype);
    Slab slab = new Slab(kind, Slab.RESERVED + shape.elements());
    device.place(slab, bytes);
    slabs.add(slab);
    long size = shape.elements() * kind.byteSize();
    bytes += size;
    Tensor tensor = new Tensor(dtype, shape, new SlabBuffer(device, slab, Slab.RESERVED, size), 0);
    device.memory().clear(tensor);
    return tensor;
  }

  @Override
  public long byteSize() {
    return bytes;
  }

  @Override
  public boolean reinterprets() {
    return false;
  }

  @Override
  public void close() {
    for (Slab slab : slabs) {
      device.evict(slab);
      slab.close();
    }
    slabs.clear();
  }
}
