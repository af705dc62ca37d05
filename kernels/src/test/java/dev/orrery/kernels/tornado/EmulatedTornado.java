package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tornado.KernelCode.Arguments;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A device that runs kernels as Java. It has memory of its own: what is not transferred does not
 * arrive, and what nobody has written reads as NaN. Groups run on all processors, the threads of
 * one as {@link Fibers} in an order that is chosen.
 */
public final class EmulatedTornado implements TornadoDriver {
  /** What can be wrong with a kernel. */
  enum Bug {
    NONE,
    /** Nobody waits at barriers. */
    NO_BARRIERS,
    /** Every thread has local arrays of its own. */
    NOTHING_SHARED
  }

  private static final int NONE_DROPPED = -1;
  private static final byte GARBAGE = (byte) 0xFF;

  private final DeviceFacts facts;

  /** The device's side of the arrays that have a place on it. */
  private final Map<TornadoNativeArray, TornadoNativeArray> placed = new IdentityHashMap<>();

  private Fibers.Order order = Fibers.Order.FORWARD;
  private Bug bug = Bug.NONE;
  private int droppedOffset = NONE_DROPPED;
  private long used;
  private int openLaunches;

  /**
   * A device.
   *
   * @param memory bytes of all arrays together
   */
  public EmulatedTornado(long memory) {
    facts = new DeviceFacts("emulated", memory, memory, 48 << 10, 256, false);
  }

  /** From now on threads of a group run in this order. */
  void order(Fibers.Order order) {
    this.order = order;
  }

  /** From now on every kernel has a bug. */
  void plant(Bug bug) {
    this.bug = bug;
  }

  /** From now on every kernel forgets where in its slab an array's tensor begins. */
  void dropOffset(int array) {
    droppedOffset = array;
  }

  /** How many arrays have a place. */
  int placedArrays() {
    return placed.size();
  }

  /** How many kernels are ready. */
  int openLaunches() {
    return openLaunches;
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public void place(TornadoNativeArray array) {
    long bytes = array.getSegment().byteSize();
    if (bytes > facts.memory() - used) {
      throw new OutOfMemoryError("emulated device");
    }
    used += bytes;
    placed.put(array, copy(array));
  }

  @Override
  public void evict(TornadoNativeArray array) {
    if (placed.remove(array) == null) {
      throw new IllegalStateException("an array that has no place");
    }
    used -= array.getSegment().byteSize();
  }

  /** An array like another one, full of garbage. */
  private static TornadoNativeArray copy(TornadoNativeArray array) {
    TornadoNativeArray copy =
        switch (array) {
          case FloatArray floats -> new FloatArray(floats.getSize());
          case IntArray ints -> new IntArray(ints.getSize());
          case ShortArray shorts -> new ShortArray(shorts.getSize());
          case ByteArray bytes -> new ByteArray(bytes.getSize());
          default -> throw new IllegalArgumentException("no device array: " + array);
        };
    copy.getSegment().fill(GARBAGE);
    return copy;
  }

  @Override
  public Launch prepare(KernelCode code, Arguments arguments, Transfer... transfers) {
    TornadoNativeArray[] arrays = new TornadoNativeArray[transfers.length];
    for (int i = 0; i < arrays.length; i++) {
      TornadoNativeArray host = arguments.arrays()[i];
      arrays[i] = transfers[i] == Transfer.PLACED ? placed.get(host) : copy(host);
      if (arrays[i] == null) {
        throw new IllegalStateException("array " + i + " has no place on the device");
      }
    }
    return new EmulatedLaunch(
        code, arguments, new Arguments(arguments.ints(), arguments.floats(), arrays), transfers);
  }

  private final class EmulatedLaunch implements Launch {
    private final KernelCode code;
    private final Arguments host;
    private final Arguments device;
    private final Transfer[] transfers;
    private boolean closed;

    EmulatedLaunch(KernelCode code, Arguments host, Arguments device, Transfer[] transfers) {
      this.code = code;
      this.host = host;
      this.device = device;
      this.transfers = transfers;
      openLaunches++;
    }

    @Override
    public void run(Grid grid) {
      if (closed) {
        throw new IllegalStateException("a kernel that has been closed");
      }
      transfer(Transfer.SENT, host, device);
      // Copies of the backend keep their offsets, or nothing would arrive.
      boolean copies = Arrays.stream(transfers).anyMatch(how -> how != Transfer.PLACED);
      if (!copies && droppedOffset != NONE_DROPPED && droppedOffset < transfers.length) {
        device.ints().set(droppedOffset, 0);
      }
      if (code.isCooperative()) {
        Fibers.apart(
            grid.groups() * grid.rowsOfGroups(),
            group -> group(grid, group % grid.groups(), group / grid.groups()));
      } else {
        code.call(null, device);
      }
      transfer(Transfer.FETCHED, device, host);
    }

    private void transfer(Transfer which, Arguments from, Arguments to) {
      for (int i = 0; i < transfers.length; i++) {
        if (transfers[i] == which) {
          to.arrays()[i].getSegment().copyFrom(from.arrays()[i].getSegment());
        }
      }
    }

    private void group(Grid grid, int x, int y) {
      EmulatedGroup group = new EmulatedGroup(bug);
      Runnable[] threads = new Runnable[grid.threads() * grid.rowsOfThreads()];
      for (int thread = 0; thread < threads.length; thread++) {
        KernelContext context = group.thread(grid, x, y, thread);
        threads[thread] = () -> code.call(context, device);
      }
      Fibers.run(threads, order);
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("a kernel is closed twice");
      }
      closed = true;
      openLaunches--;
    }
  }

  /** Whoever is done with a device need not close its arenas. */
  @Override
  public void close() {
    if (openLaunches != 0) {
      throw new IllegalStateException(openLaunches + " kernels have not been closed");
    }
  }
}
