package dev.orrery.kernels.tornado;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDriver.Transfer;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Copies between host tensors and tensors on a device, and between the latter. What crosses goes
 * through staging arrays, which are transferred whole, and is moved to or from its slab by a
 * kernel.
 */
public final class TornadoMemory {
  /** Elements of the staging arrays: a copy takes the smallest that it fits in, or the largest. */
  private static final int[] STAGING = {1 << 10, 1 << 16, 1 << 22};

  private static final float[] NO_FLOATS = {};

  private final TornadoDevice device;
  private final Map<DType, TornadoNativeArray[]> staging = new EnumMap<>(DType.class);

  TornadoMemory(TornadoDevice device) {
    this.device = device;
  }

  /** Sets all elements to zero. */
  void clear(Tensor tensor) {
    long count = tensor.elements();
    device.run(series(tensor.dtype()).clear, count, new int[] {size(count)}, NO_FLOATS, tensor);
  }

  /** Copies all elements between two tensors of one dtype, each on the host or on the device. */
  public void copy(Tensor from, Tensor to) {
    boolean toHost = to.buffer() instanceof HostBuffer;
    if (from.buffer() instanceof HostBuffer) {
      if (toHost) {
        to.segment().copyFrom(from.segment());
      } else {
        send(from, to);
      }
    } else if (toHost) {
      fetch(from, to);
    } else {
      move(from, to);
    }
  }

  /** Brings a weight to a tensor on the device: as it is, or as fp32. */
  public void upload(Tensor host, Tensor to) {
    if (host.dtype() == to.dtype()) {
      copy(host, to);
      return;
    }
    // Vectors alone change their dtype, and they are small.
    float[] values = new float[size(host.elements())];
    FloatView.of(host).copy(0, values, 0, values.length);
    copy(Tensor.of(values, host.shape().extents()), to);
  }

  private void send(Tensor from, Tensor to) {
    MemorySegment source = from.segment();
    int bytes = from.dtype().byteSize();
    synchronized (device) {
      for (long done = 0; done < from.elements(); ) {
        TornadoNativeArray stage = stage(from.dtype(), from.elements() - done);
        int count = (int) Math.min(stage.getSize(), from.elements() - done);
        MemorySegment.copy(source, done * bytes, stage.getSegment(), 0, (long) count * bytes);
        run(
            from.dtype(),
            count,
            0,
            size(TornadoDevice.offset(to) + done),
            new TornadoNativeArray[] {stage, array(to)},
            Transfer.SENT,
            Transfer.PLACED);
        done += count;
      }
    }
  }

  private void fetch(Tensor from, Tensor to) {
    MemorySegment target = to.segment();
    int bytes = from.dtype().byteSize();
    synchronized (device) {
      for (long done = 0; done < from.elements(); ) {
        TornadoNativeArray stage = stage(from.dtype(), from.elements() - done);
        int count = (int) Math.min(stage.getSize(), from.elements() - done);
        run(
            from.dtype(),
            count,
            size(TornadoDevice.offset(from) + done),
            0,
            new TornadoNativeArray[] {array(from), stage},
            Transfer.PLACED,
            Transfer.FETCHED);
        MemorySegment.copy(stage.getSegment(), 0, target, done * bytes, (long) count * bytes);
        done += count;
      }
    }
  }

  /** Between two places on the device, which may overlap in one slab. */
  private void move(Tensor from, Tensor to) {
    int source = TornadoDevice.offset(from);
    int target = TornadoDevice.offset(to);
    boolean sameSlab = array(from) == array(to);
    long elements = from.elements();
    long distance = sameSlab ? Math.abs((long) source - target) : elements;
    if (elements == 0 || distance == 0) {
      return;
    }
    // Threads copy in any order: pieces no longer than the distance do not overlap, and in the
    // right
    // order none destroys what another has yet to read.
    long pieces = Math.ceilDiv(elements, distance);
    for (long i = 0; i < pieces; i++) {
      long start = (target < source ? i : pieces - 1 - i) * distance;
      run(
          from.dtype(),
          (int) Math.min(distance, elements - start),
          size(source + start),
          size(target + start),
          new TornadoNativeArray[] {array(from), array(to)},
          Transfer.PLACED,
          Transfer.PLACED);
    }
  }

  private void run(
      DType dtype,
      int count,
      int from,
      int to,
      TornadoNativeArray[] arrays,
      Transfer... transfers) {
    device.run(
        series(dtype).copy,
        Grid.ofItems(count),
        new int[] {from, to, count},
        NO_FLOATS,
        arrays,
        transfers);
  }

  private TornadoNativeArray stage(DType dtype, long elements) {
    TornadoNativeArray[] stages = staging.computeIfAbsent(dtype, _ -> new TornadoNativeArray[3]);
    int index = 0;
    while (index < STAGING.length - 1 && elements > STAGING[index]) {
      index++;
    }
    if (stages[index] == null) {
      int size = STAGING[index];
      stages[index] = Elements.of(dtype).newArray(size);
    }
    return stages[index];
  }

  private static TornadoNativeArray array(Tensor tensor) {
    return TornadoDevice.buffer(tensor).slab().array();
  }

  private static int size(long elements) {
    return Math.toIntExact(elements);
  }

  private static Series series(DType dtype) {
    return switch (Elements.of(dtype)) {
      case FLOATS -> Series.FLOATS;
      case INTS -> Series.INTS;
      case SHORTS -> Series.SHORTS;
      case BYTES -> Series.BYTES;
    };
  }

  /** The kernels for arrays of one type. */
  private enum Series {
    FLOATS(
        KernelCode.parallel(TornadoMemory::copyFloats),
        KernelCode.parallel(TornadoMemory::clearFloats)),
    INTS(
        KernelCode.parallel(TornadoMemory::copyInts),
        KernelCode.parallel(TornadoMemory::clearInts)),
    SHORTS(
        KernelCode.parallel(TornadoMemory::copyShorts),
        KernelCode.parallel(TornadoMemory::clearShorts)),
    BYTES(
        KernelCode.parallel(TornadoMemory::copyBytes),
        KernelCode.parallel(TornadoMemory::clearBytes));

    private final KernelCode copy;
    private final KernelCode clear;

    Series(KernelCode copy, KernelCode clear) {
      this.copy = copy;
      this.clear = clear;
    }
  }

  private static void copyFloats(IntArray ints, FloatArray floats, FloatArray from, FloatArray to) {
    int source = ints.get(0);
    int target = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, from.get(source + i));
    }
  }

  private static void clearFloats(IntArray ints, FloatArray floats, FloatArray to) {
    int target = ints.get(0);
    int count = ints.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, 0f);
    }
  }

  private static void copyInts(IntArray ints, FloatArray floats, IntArray from, IntArray to) {
    int source = ints.get(0);
    int target = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, from.get(source + i));
    }
  }

  private static void clearInts(IntArray ints, FloatArray floats, IntArray to) {
    int target = ints.get(0);
    int count = ints.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, 0);
    }
  }

  private static void copyShorts(IntArray ints, FloatArray floats, ShortArray from, ShortArray to) {
    int source = ints.get(0);
    int target = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, from.get(source + i));
    }
  }

  private static void clearShorts(IntArray ints, FloatArray floats, ShortArray to) {
    int target = ints.get(0);
    int count = ints.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, (short) 0);
    }
  }

  private static void copyBytes(IntArray ints, FloatArray floats, ByteArray from, ByteArray to) {
    int source = ints.get(0);
    int target = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, from.get(source + i));
    }
  }

  private static void clearBytes(IntArray ints, FloatArray floats, ByteArray to) {
    int target = ints.get(0);
    int count = ints.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(target + i, (byte) 0);
    }
  }
}
