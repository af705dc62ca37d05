package dev.orrery.kernels.tornado;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Ranges of slabs: a series of slabs for each size of element, since the device cannot look at
 * memory of one type as another.
 */
public final class TornadoArena implements TensorArena {
  private final TornadoDevice device;
  private final List<Slab> slabs = new ArrayList<>();

  /** The slab of each series that ranges are taken from now; the index is the element size. */
  private final Slab[] open = new Slab[5];

  private long bytes;

  /** An arena without slabs. */
  public TornadoArena(TornadoDevice device) {
    this.device = device;
  }

  @Override
  public synchronized Tensor empty(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    int elementSize = Slab.elementSize(dtype);
    long count = shape.elements();
    Slab slab = open[elementSize];
    long start = slab == null ? -1 : slab.take(count);
    if (start < 0) {
      slab = newSlab(elementSize, dtype, shape);
      start = slab.take(count);
    }
    long size = count * elementSize;
    bytes += size;
    Tensor tensor = new Tensor(dtype, shape, new SlabBuffer(device, slab, start, size), 0);
    device.memory().clear(tensor);
    return tensor;
  }

  private Slab newSlab(int elementSize, DType dtype, Shape shape) {
    long elements = Slab.elements(device.slabBytes(), elementSize);
    if (shape.elements() > elements - Slab.RESERVED) {
      throw new OutOfMemoryError(
          String.format(
              Locale.ROOT,
              "%s%s takes %,d bytes, more than a slab of %s holds (%,d bytes)",
              dtype,
              shape,
              shape.elements() * elementSize,
              device.name(),
              (elements - Slab.RESERVED) * elementSize));
    }
    Slab slab = new Slab(elementSize, elements);
    try {
      device.place(slab, bytes);
    } catch (OutOfMemoryError e) {
      slab.close();
      throw e;
    }
    slabs.add(slab);
    open[elementSize] = slab;
    return slab;
  }

  /** Bytes of tensors; what the device holds for them is whole slabs. */
  @Override
  public synchronized long byteSize() {
    return bytes;
  }

  @Override
  public boolean reinterprets() {
    return false;
  }

  @Override
  public synchronized void close() {
    for (Slab slab : slabs) {
      device.evict(slab);
      slab.close();
    }
    slabs.clear();
    Arrays.fill(open, null);
  }
}
