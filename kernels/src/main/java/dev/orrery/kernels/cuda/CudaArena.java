package dev.orrery.kernels.cuda;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Memory of one GPU, freed when the arena is closed. */
public final class CudaArena implements TensorArena {
  private final CudaDevice device;
  private final List<Long> allocations = new ArrayList<>();
  private long bytes;

  public CudaArena(CudaDevice device) {
    this.device = device;
  }

  @Override
  public synchronized Tensor empty(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    long size = Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
    long granted = Math.max(size, 1);
    device.bind();
    long address = Driver.allocate(granted);
    if (address == 0) {
      throw new OutOfMemoryError(
          String.format(
              Locale.ROOT,
              "no memory on %s for %s%s: %,d bytes asked for, %,d of %,d free, %,d held by this"
                  + " arena; close other programs on the GPU, use a smaller model, or --backend cpu",
              device,
              dtype,
              shape,
              size,
              device.freeMemory(),
              device.totalMemory(),
              bytes));
    }
    allocations.add(address);
    bytes += size;
    device.stream().zero(address, granted);
    return new Tensor(dtype, shape, new DeviceBuffer(device, address, granted), 0);
  }

  @Override
  public synchronized long byteSize() {
    return bytes;
  }

  @Override
  public synchronized void close() {
    device.bind();
    allocations.forEach(Driver::free);
    allocations.clear();
  }
}
