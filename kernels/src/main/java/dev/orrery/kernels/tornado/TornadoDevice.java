package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode.Arguments;
import dev.orrery.kernels.tornado.TornadoDriver.Launch;
import dev.orrery.kernels.tornado.TornadoDriver.Transfer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A device with its slabs and the kernels that are ready to run on them. A kernel is made ready
 * once for each combination of slabs that it is called with; what changes from call to call,
 * offsets included, are numbers that travel with it.
 *
 * <p>One call runs at a time: TornadoVM promises nothing to several threads.
 */
public final class TornadoDevice implements AutoCloseable {
  /** Slabs are of this size if the device allows buffers so large. */
  public static final long SLAB_BYTES = 1L << 30;

  private final TornadoDriver driver;
  private final String name;
  private final long slabBytes;
  private final TornadoMemory memory;
  private final TornadoArena ownArena;
  private final Map<Key, Prepared> launches = new HashMap<>();
  private Tensor unused;
  private TornadoArena scratchArena;
  private Tensor scratch;
  private long compilations;
  private long heldBytes;

  /** A kernel and the arrays it is bound to. */
  private record Key(KernelCode code, List<TornadoNativeArray> arrays) {
    boolean uses(TornadoNativeArray array) {
      return arrays.stream().anyMatch(used -> used == array);
    }
  }

  /** A kernel that is ready, and its numbers. */
  private record Prepared(Launch launch, IntArray ints, FloatArray floats) {
    void run(int[] ints, float[] floats, Grid grid) {
      for (int i = 0; i < ints.length; i++) {
        this.ints.set(i, ints[i]);
      }
      for (int i = 0; i < floats.length; i++) {
        this.floats.set(i, floats[i]);
      }
      launch.run(grid);
    }
  }

  /**
   * A device.
   *
   * @param driver is closed with it
   * @param name as the user types it: {@code tornado:0}
   * @param slabBytes size of a slab; {@link #SLAB_BYTES} for users
   */
  public TornadoDevice(TornadoDriver driver, String name, long slabBytes) {
    this.driver = driver;
    this.name = name;
    // A buffer also holds the header of its array.
    this.slabBytes =
        Math.min(slabBytes, driver.facts().largestBuffer() - TornadoNativeArray.ARRAY_HEADER);
    memory = new TornadoMemory(this);
    ownArena = new TornadoArena(this);
  }

  public String name() {
    return name;
  }

  /** What the device says about itself. */
  public DeviceFacts facts() {
    return driver.facts();
  }

  /** How often a kernel was made ready, which is when it is compiled. */
  public synchronized long compilations() {
    return compilations;
  }

  /** Bytes of all slabs that have a place on the device. */
  public synchronized long heldBytes() {
    return heldBytes;
  }

  /** Copies to, from and on the device. */
  public TornadoMemory memory() {
    return memory;
  }

  long slabBytes() {
    return slabBytes;
  }

  /** A 16-bit tensor of the device's own, for kernels that take one and do not read it. */
  synchronized Tensor unused() {
    if (unused == null) {
      unused = ownArena.empty(DType.BF16, 1);
    }
    return unused;
  }

  /**
   * Room for what the kernels of one operation leave for each other: fp32 of unknown content. The
   * next operation that asks gets the same, so whoever asks holds this device's monitor until the
   * last of its kernels has run.
   */
  public synchronized Tensor scratch(long elements) {
    if (scratch == null || scratch.elements() < elements) {
      closeScratch();
      scratchArena =
          new TornadoArena(this, Math.min(slabBytes, Slab.bytesFor(elements, DType.F32)));
      scratch = scratchArena.empty(DType.F32, elements);
    }
    return scratch.slice(0, elements);
  }

  private void closeScratch() {
    if (scratchArena != null) {
      scratchArena.close();
      scratchArena = null;
      scratch = null;
    }
  }

  /**
   * Runs a parallel kernel.
   *
   * @param items iterations of its loop
   * @param ints follow the offsets of the tensors
   * @param tensors one for each array, all on this device
   */
  public void run(KernelCode code, long items, int[] ints, float[] floats, Tensor... tensors) {
    run(code, Grid.ofItems(items), ints, floats, tensors);
  }

  /**
   * Runs a kernel.
   *
   * <p>How many numbers there are is bound with the arrays: a kernel gets as many at every call.
   *
   * @param ints follow the offsets of the tensors, in elements of their arrays
   * @param tensors one for each array, all on this device
   */
  public synchronized void run(
      KernelCode code, Grid grid, int[] ints, float[] floats, Tensor... tensors) {
    if (grid.isEmpty()) {
      return;
    }
    int[] all = new int[tensors.length + ints.length];
    TornadoNativeArray[] arrays = new TornadoNativeArray[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      arrays[i] = buffer(tensors[i]).slab().array();
      all[i] = offset(tensors[i]);
    }
    System.arraycopy(ints, 0, all, tensors.length, ints.length);
    Transfer[] placed = new Transfer[tensors.length];
    Arrays.fill(placed, Transfer.PLACED);
    run(code, grid, all, floats, arrays, placed);
  }

  /** The same with arrays as they are, and all numbers. */
  synchronized void run(
      KernelCode code,
      Grid grid,
      int[] ints,
      float[] floats,
      TornadoNativeArray[] arrays,
      Transfer... transfers) {
    Key key = new Key(code, List.of(arrays));
    Prepared prepared = launches.get(key);
    if (prepared == null) {
      IntArray storedInts = new IntArray(ints.length);
      // Arrays of no elements have no address on some devices.
      FloatArray storedFloats = new FloatArray(Math.max(1, floats.length));
      Launch launch =
          driver.prepare(code, new Arguments(storedInts, storedFloats, arrays), transfers);
      prepared = new Prepared(launch, storedInts, storedFloats);
      launches.put(key, prepared);
      compilations++;
    }
    prepared.run(ints, floats, grid);
  }

  /** The first element of a tensor in its slab's array. */
  static int offset(Tensor tensor) {
    SlabBuffer buffer = buffer(tensor);
    return Math.toIntExact(buffer.start() + tensor.byteOffset() / tensor.dtype().byteSize());
  }

  /**
   * The range of a slab that a tensor lies in.
   *
   * @throws IllegalStateException if it lies elsewhere
   */
  static SlabBuffer buffer(Tensor tensor) {
    if (tensor.buffer() instanceof SlabBuffer buffer) {
      return buffer;
    }
    throw new IllegalStateException(
        tensor
            + " lies in "
            + tensor.buffer().location()
            + " memory, not on a device of TornadoVM");
  }

  /**
   * Gives a slab its place on the device.
   *
   * @param held bytes of tensors that its arena has given out, for the message
   */
  synchronized void place(Slab slab, long held) {
    try {
      driver.place(slab.array());
      heldBytes += slab.byteSize();
    } catch (OutOfMemoryError e) {
      OutOfMemoryError error =
          new OutOfMemoryError(
              String.format(
                  Locale.ROOT,
                  "no memory on %s (%s): %,d bytes asked for, %,d held by this arena, %,d in all;"
                      + " use a smaller model, or --backend cpu",
                  name,
                  facts().name(),
                  slab.byteSize(),
                  held,
                  facts().memory()));
      error.initCause(e);
      throw error;
    }
  }

  synchronized void evict(Slab slab) {
    Iterator<Map.Entry<Key, Prepared>> entries = launches.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Key, Prepared> entry = entries.next();
      if (entry.getKey().uses(slab.array())) {
        entry.getValue().launch().close();
        entries.remove();
      }
    }
    driver.evict(slab.array());
    heldBytes -= slab.byteSize();
  }

  @Override
  public synchronized void close() {
    ownArena.close();
    closeScratch();
    launches.values().forEach(prepared -> prepared.launch().close());
    launches.clear();
    driver.close();
  }
}
