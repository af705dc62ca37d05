package dev.orrery.kernels.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import uk.ac.manchester.tornado.api.KernelContext;

/** A group of emulated threads: the arrays that they share, which begin as garbage. */
final class EmulatedGroup {
  /** What a number that nobody has written reads as, in arrays of integers. */
  private static final int GARBAGE = 0x7FC0BAD0;

  private final List<Object> shared = new ArrayList<>();
  private final EmulatedTornado.Bug bug;

  /** A group whose kernel has a bug, or none. */
  EmulatedGroup(EmulatedTornado.Bug bug) {
    this.bug = bug;
  }

  /** The context of a thread at a place in the grid. */
  KernelContext thread(Grid grid, int groupX, int groupY, int thread) {
    return new Thread(grid, groupX, groupY, thread);
  }

  private final class Thread extends KernelContext {
    private int allocated;

    Thread(Grid grid, int groupX, int groupY, int thread) {
      groupIdx = groupX;
      groupIdy = groupY;
      localIdx = thread % grid.threads();
      localIdy = thread / grid.threads();
      globalIdx = groupX * grid.threads() + localIdx;
    }

    @Override
    public void localBarrier() {
      if (bug != EmulatedTornado.Bug.NO_BARRIERS) {
        Fibers.barrier();
      }
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
      return (float[])
          allocate(
              () -> {
                float[] array = new float[size];
                Arrays.fill(array, Float.NaN);
                return array;
              });
    }

    @Override
    public int[] allocateIntLocalArray(int size) {
      return (int[])
          allocate(
              () -> {
                int[] array = new int[size];
                Arrays.fill(array, GARBAGE);
                return array;
              });
    }

    /** The n-th array of one thread is the n-th array of all. */
    private Object allocate(Supplier<Object> maker) {
      int index = allocated++;
      if (bug == EmulatedTornado.Bug.NOTHING_SHARED) {
        return maker.get();
      }
      if (index == shared.size()) {
        shared.add(maker.get());
      }
      return shared.get(index);
    }
  }
}
