package dev.orrery.kernels.tornado;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Ranges of slabs: a series of slabs for each kind of element, since the device cannot look at
 * memory of one type as another.
 */
public final class TornadoArena implements TensorArena {
  /** Numbers of rows are few, and a slab is on the device as a whole. */
  private static final long INT_SLAB_BYTES = 16 << 20;

  private final TornadoDevice device;
  private final long slabBytes;
  private final List<Slab> slabs = new ArrayList<>();

  /** The slab of each series that ranges are taken from now. */
  private final Map<Elements, Slab> open = new EnumMap<>(Elements.class);

  private long bytes;

  /** An arena without slabs. */
  public TornadoArena(TornadoDevice device) {
    this(device, device.slabBytes());
  }

  /** One whose slabs have a size of their own. */
  TornadoArena(TornadoDevice device, long slabBytes) {
    this.device = device;
    this.slabBytes = slabBytes;
  }

  @Override
  public synchronized Tensor empty(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    Elements kind = Elements.of(dtype);
    long count = shape.elements();
    Slab slab = open.get(kind);
    long start = slab == null ? -1 : slab.take(count);
    if (start < 0) {
      slab = newSlab(kind, dtype, shape);
      start = slab.take(count);
    }
    long size = count * kind.byteSize();
    bytes += size;
    Tensor tensor = new Tensor(dtype, shape, new SlabBuffer(device, slab, start, size), 0);
    device.memory().clear(tensor);
    return tensor;
  }

  private Slab newSlab(Elements kind, DType dtype, Shape shape) {
    long limit = kind == Elements.INTS ? INT_SLAB_BYTES : Long.MAX_VALUE;
    long elements = Slab.elements(Math.min(slabBytes, limit), kind);
    if (shape.elements() > elements - Slab.RESERVED) {
      throw new OutOfMemoryError(
          String.format(
              Locale.ROOT,
              "%s%s takes %,d bytes, more than a slab of %s holds (%,d bytes)",
              dtype,
              shape,
              shape.elements() * kind.byteSize(),
              device.name(),
              (elements - Slab.RESERVED) * kind.byteSize()));
    }
    Slab slab = new Slab(kind, elements);
    try {
      device.place(slab, bytes);
    } catch (OutOfMemoryError e) {
      slab.close();
      throw e;
    }
    slabs.add(slab);
    open.put(kind, slab);
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
    open.clear();
  }
}
