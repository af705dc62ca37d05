package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;

/**
 * The calls of one thread on a device, made in order. In a {@link #batch} they are written down
 * first; a batch whose calls are, to the bit, those of an earlier one is replayed as the CUDA graph
 * that was captured then. A stale graph is therefore impossible: other addresses, sizes or numbers
 * are other calls.
 *
 * <p>A thread may use several devices in turns: whatever goes to the driver makes the stream's own
 * context current first, which takes a fraction of what a launch takes.
 */
public final class CudaStream implements AutoCloseable {
  /** Batches that are kept: the caches of a session grow through a handful before they repeat. */
  private static final int MOST_GRAPHS = 64;

  private final CudaDevice device;
  private final CUstream handle;
  private final CallLog calls;
  private final HostCopies hostCopies;
  private final Map<CallLog.Key, CUgraphExec> graphs = new LinkedHashMap<>(16, 0.75f, true);
  private final List<Long> scratches = new ArrayList<>();
  private long scratch;
  private long scratchBytes;
  private boolean batching;

  CudaStream(CudaDevice device) {
    this.device = device;
    handle = Driver.newStream();
    calls = new CallLog(device);
    hostCopies = new HostCopies(handle);
  }

  /**
   * The device address of a tensor's first element.
   *
   * @throws IllegalStateException if it does not lie on a GPU
   */
  static long address(Tensor tensor) {
    if (tensor.buffer() instanceof DeviceBuffer buffer) {
      return buffer.address() + tensor.byteOffset();
    }
    throw new IllegalStateException(
        tensor + " lies in " + tensor.buffer().location() + " memory, not on a GPU");
  }

  /**
   * Launches a kernel over a one-dimensional block.
   *
   * @param sharedBytes dynamic shared memory of a block
   * @param arguments {@link Tensor} or null for a pointer, Integer, Long, Float, Double, {@link
   *     TensorMap}
   */
  public void launch(
      CudaFunction function,
      int gridX,
      int gridY,
      int gridZ,
      int threads,
      int sharedBytes,
      Object... arguments) {
    if ((long) gridX * gridY * gridZ == 0) {
      return;
    }
    calls.launch(function, gridX, gridY, gridZ, threads, sharedBytes, arguments);
    issueUnlessBatching();
  }

  /**
   * Makes a library start work.
   *
   * @param id number of the {@link LibraryCall} on the device
   * @param parameters all that it depends on
   */
  void call(int id, long... parameters) {
    calls.call(id, parameters);
    issueUnlessBatching();
  }

  /**
   * Room for what the kernels of an operation leave for each other, of unknown content, until the
   * next operation asks for some. What was too small is kept with the stream: graphs use it.
   */
  public Tensor scratch(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    long bytes = Math.max(1, Math.multiplyExact(shape.elements(), (long) dtype.byteSize()));
    if (bytes > scratchBytes) {
      device.bind();
      long address = Driver.allocate(bytes);
      if (address == 0) {
        throw new OutOfMemoryError(
            String.format(
                Locale.ROOT, "no memory on %s for intermediate results: %,d bytes", device, bytes));
      }
      scratches.add(address);
      scratch = address;
      scratchBytes = bytes;
    }
    return new Tensor(dtype, shape, new DeviceBuffer(device, scratch, scratchBytes), 0);
  }

  CUstream handle() {
    return handle;
  }

  /** Copies between two places on the device that may overlap. */
  void copy(long to, long from, long bytes) {
    long distance = Math.abs(to - from);
    if (bytes == 0 || distance == 0) {
      return;
    }
    // The driver leaves overlapping copies undefined: pieces no longer than the distance do not
    // overlap, and in the right order none destroys what another has yet to read.
    long pieces = Math.ceilDiv(bytes, distance);
    for (long i = 0; i < pieces; i++) {
      long piece = to < from ? i : pieces - 1 - i;
      long start = piece * distance;
      calls.copy(to + start, from + start, Math.min(distance, bytes - start));
    }
    issueUnlessBatching();
  }

  private void issueUnlessBatching() {
    if (!batching) {
      device.bind();
      try {
        calls.issue(handle);
      } finally {
        calls.clear();
      }
    }
  }

  /**
   * Makes calls as one unit: they are written down first, and then launched as one graph.
   *
   * @param run makes the calls on this thread; none of them may touch host memory
   */
  public void batch(Runnable run) {
    requireNoBatch("begin another batch");
    batching = true;
    try {
      run.run();
      if (!calls.isEmpty()) {
        device.bind();
        Driver.launch(graph(), handle);
      }
    } finally {
      batching = false;
      calls.clear();
    }
  }

  private CUgraphExec graph() {
    CallLog.Key key = new CallLog.Key(calls.bytes());
    CUgraphExec known = graphs.get(key);
    if (known != null) {
      return known;
    }
    if (graphs.size() == MOST_GRAPHS) {
      Map.Entry<CallLog.Key, CUgraphExec> oldest = graphs.entrySet().iterator().next();
      Driver.synchronize(handle);
      Driver.destroy(oldest.getValue());
      graphs.remove(oldest.getKey());
    }
    Driver.beginCapture(handle);
    try {
      calls.issue(handle);
    } catch (RuntimeException e) {
      abandonCapture(e);
      throw e;
    }
    CUgraphExec graph = Driver.endCapture(handle);
    graphs.put(key, graph);
    return graph;
  }

  private void abandonCapture(RuntimeException cause) {
    try {
      Driver.destroy(Driver.endCapture(handle));
    } catch (CudaException e) {
      cause.addSuppressed(e);
    }
  }

  /** How many batches are kept as graphs. */
  public int graphs() {
    return graphs.size();
  }

  /** Sets bytes to zero and waits, so that other streams see them too. */
  void zero(long address, long bytes) {
    requireNoBatch("allocate");
    device.bind();
    Driver.fill(address, (byte) 0, bytes, handle);
    synchronize();
  }

  /** Copies from host memory, which may be changed on return. */
  void copyFromHost(MemorySegment from, long to) {
    requireNoBatch("read host memory");
    device.bind();
    hostCopies.toDevice(from, to);
  }

  /** Waits for all calls so far and copies to host memory. */
  void copyToHost(long from, MemorySegment to) {
    requireNoBatch("write host memory");
    device.bind();
    hostCopies.toHost(from, to);
  }

  /** Waits until all calls so far are done. */
  public void synchronize() {
    requireNoBatch("wait");
    device.bind();
    Driver.synchronize(handle);
  }

  /** Starts measuring the device's time. */
  public CudaTimer timer() {
    device.bind();
    return new CudaTimer(handle);
  }

  private void requireNoBatch(String what) {
    if (batching) {
      throw new IllegalStateException("cannot " + what + " inside a batch on " + device);
    }
  }

  @Override
  public void close() {
    Driver.synchronize(handle);
    graphs.values().forEach(Driver::destroy);
    graphs.clear();
    scratches.forEach(Driver::free);
    hostCopies.close();
    calls.close();
    Driver.destroy(handle);
  }
}
