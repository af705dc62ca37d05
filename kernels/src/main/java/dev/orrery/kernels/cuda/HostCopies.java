package dev.orrery.kernels.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;

/**
 * Copies between host memory of any kind and the device through two pinned buffers: while the
 * device works on one, the CPU fills or empties the other.
 */
final class HostCopies implements AutoCloseable {
  private static final long PIECE = 4L << 20;

  private final CUstream stream;
  private final MemorySegment[] pinned = {
    Driver.allocatePinned(PIECE), Driver.allocatePinned(PIECE)
  };
  private final CUevent[] done = {Driver.newEvent(), Driver.newEvent()};
  private int next;

  HostCopies(CUstream stream) {
    this.stream = stream;
  }

  /** Copies to the device; the host memory may be changed on return. */
  void toDevice(MemorySegment from, long to) {
    long bytes = from.byteSize();
    for (long at = 0; at < bytes; at += PIECE) {
      long piece = Math.min(PIECE, bytes - at);
      Driver.synchronize(done[next]);
      MemorySegment.copy(from, at, pinned[next], 0, piece);
      Driver.copyToDevice(to + at, pinned[next].address(), piece, stream);
      Driver.record(done[next], stream);
      next = 1 - next;
    }
  }

  /** Copies from the device and waits until everything has arrived. */
  void toHost(long from, MemorySegment to) {
    long bytes = to.byteSize();
    long waiting = 0;
    for (long at = 0; at < bytes; at += PIECE) {
      Driver.synchronize(done[next]);
      Driver.copyToHost(pinned[next].address(), from + at, Math.min(PIECE, bytes - at), stream);
      Driver.record(done[next], stream);
      next = 1 - next;
      if (at > 0) {
        take(waiting, to, next);
        waiting = at;
      }
    }
    if (bytes > 0) {
      take(waiting, to, 1 - next);
    }
  }

  private void take(long at, MemorySegment to, int buffer) {
    Driver.synchronize(done[buffer]);
    MemorySegment.copy(pinned[buffer], 0, to, at, Math.min(PIECE, to.byteSize() - at));
  }

  @Override
  public void close() {
    for (int i = 0; i < 2; i++) {
      Driver.destroy(done[i]);
      Driver.freePinned(pinned[i]);
    }
  }
}
