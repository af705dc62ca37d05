package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jcuda.driver.CUstream;

/**
 * Device calls written down one after the other, so that they can be issued, compared with earlier
 * ones and captured. Arguments of kernels lie in the log itself, where the driver reads them.
 *
 * <pre>
 * launch: LAUNCH, function, grid x, y, z, threads, shared bytes, arguments n, n x (bytes, value...)
 * copy:   COPY, to, from, bytes
 * call:   CALL, library call, parameters n, n x parameter
 * </pre>
 *
 * <p>Everything is a 64-bit word; values are padded to whole words and tensor maps to 64 bytes.
 */
final class CallLog implements AutoCloseable {
  private static final long LAUNCH = 1;
  private static final long COPY = 2;
  private static final long CALL = 3;
  private static final int MOST_ARGUMENTS = 64;
  private static final int TENSOR_MAP_ALIGNMENT = 64;
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

  private final CudaDevice device;
  private Arena arena = Arena.ofShared();
  private MemorySegment log = arena.allocate(1 << 16, TENSOR_MAP_ALIGNMENT);
  private final Arena pointerArena = Arena.ofShared();
  private final MemorySegment pointers = pointerArena.allocate(ValueLayout.ADDRESS, MOST_ARGUMENTS);
  private long end;

  CallLog(CudaDevice device) {
    this.device = device;
  }

  void clear() {
    end = 0;
  }

  boolean isEmpty() {
    return end == 0;
  }

  void launch(
      CudaFunction function,
      int gridX,
      int gridY,
      int gridZ,
      int threads,
      int sharedBytes,
      Object... arguments) {
    if (arguments.length > MOST_ARGUMENTS) {
      throw new IllegalArgumentException(function.name() + ": too many arguments");
    }
    long start = end;
    put(LAUNCH);
    put(function.id());
    put(gridX);
    put(gridY);
    put(gridZ);
    put(threads);
    put(sharedBytes);
    put(arguments.length);
    try {
      for (Object argument : arguments) {
        put(function, argument);
      }
    } catch (RuntimeException e) {
      // Half a call must not stay in front of the next one.
      end = start;
      throw e;
    }
  }

  private void put(CudaFunction function, Object argument) {
    switch (argument) {
      case null -> putWord(0);
      case Tensor tensor -> putWord(CudaStream.address(tensor));
      case Long value -> putWord(value);
      case Integer value -> putWord(value & 0xFFFFFFFFL);
      case Float value -> putWord(Float.floatToRawIntBits(value) & 0xFFFFFFFFL);
      case Double value -> putWord(Double.doubleToRawLongBits(value));
      case TensorMap map -> {
        byte[] bytes = map.bytes();
        put(bytes.length);
        reserve(bytes.length + TENSOR_MAP_ALIGNMENT);
        // The words skipped are cleared, because equal logs must have equal bytes.
        while (end % TENSOR_MAP_ALIGNMENT != 0) {
          put(0);
        }
        MemorySegment.copy(bytes, 0, log, ValueLayout.JAVA_BYTE, end, bytes.length);
        end += bytes.length;
      }
      default ->
          throw new IllegalArgumentException(
              function.name() + ": cannot pass a " + argument.getClass().getSimpleName());
    }
  }

  private void putWord(long value) {
    put(Long.BYTES);
    put(value);
  }

  void copy(long to, long from, long bytes) {
    put(COPY);
    put(to);
    put(from);
    put(bytes);
  }

  void call(int id, long[] parameters) {
    put(CALL);
    put(id);
    put(parameters.length);
    for (long parameter : parameters) {
      put(parameter);
    }
  }

  private void put(long word) {
    reserve(Long.BYTES);
    log.set(WORD, end, word);
    end += Long.BYTES;
  }

  private void reserve(long bytes) {
    if (end + bytes <= log.byteSize()) {
      return;
    }
    Arena larger = Arena.ofShared();
    MemorySegment grown = larger.allocate(2 * (end + bytes), TENSOR_MAP_ALIGNMENT);
    MemorySegment.copy(log, 0, grown, 0, end);
    arena.close();
    arena = larger;
    log = grown;
  }

  /** The log's bytes, equal for equal calls. */
  byte[] bytes() {
    return log.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Makes all calls on a stream. A kernel right behind a kernel may be started while that one runs;
   * it waits by itself until that one has ended. Behind anything else it is started in its turn, as
   * is the first call, whatever the stream did before.
   */
  void issue(CUstream stream) {
    long at = 0;
    boolean isBehindKernel = false;
    while (at < end) {
      long kind = word(at);
      if (kind == COPY) {
        Driver.copy(word(at + 8), word(at + 16), word(at + 24), stream);
        at += 32;
      } else if (kind == CALL) {
        at = issueCall(at, stream);
      } else {
        at = issueLaunch(at, stream, isBehindKernel);
      }
      isBehindKernel = kind == LAUNCH;
    }
  }

  private long issueCall(long start, CUstream stream) {
    long bytes = word(start + 16) * Long.BYTES;
    long[] parameters = log.asSlice(start + 24, bytes).toArray(WORD);
    device.libraryCall((int) word(start + 8)).issue(stream, parameters);
    return start + 24 + bytes;
  }

  private long issueLaunch(long start, CUstream stream, boolean isBehindKernel) {
    int count = (int) word(start + 56);
    long at = start + 64;
    for (int i = 0; i < count; i++) {
      long bytes = word(at);
      at += Long.BYTES;
      if (bytes > Long.BYTES) {
        at = (at + TENSOR_MAP_ALIGNMENT - 1) / TENSOR_MAP_ALIGNMENT * TENSOR_MAP_ALIGNMENT;
      }
      pointers.setAtIndex(ValueLayout.ADDRESS, i, log.asSlice(at));
      at += bytes;
    }
    KernelLaunch launch =
        new KernelLaunch(
            device.function((int) word(start + 8)),
            (int) word(start + 16),
            (int) word(start + 24),
            (int) word(start + 32),
            (int) word(start + 40),
            (int) word(start + 48));
    launch.issue(stream, pointers.address(), isBehindKernel && device.overlapsKernels());
    return at;
  }

  private long word(long at) {
    return log.get(WORD, at);
  }

  /** Bytes as the key of a map. */
  record Key(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  @Override
  public void close() {
    arena.close();
    pointerArena.close();
  }
}
