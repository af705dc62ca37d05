package uk.ac.manchester.tornado.api;

/**
 * Where a thread stands in its grid, and what it shares with its group.
 *
 * <p>As it is here, a context belongs to a group of one thread at the origin. TornadoVM's compiler
 * replaces every use; an emulation extends this class and sets the fields.
 */
public class KernelContext {
  public Integer globalIdx = 0;
  public Integer groupIdx = 0;
  public Integer groupIdy = 0;
  public Integer localIdx = 0;
  public Integer localIdy = 0;

  public KernelContext() {}

  /** Waits for all threads of the group. */
  public void localBarrier() {}

  /** An array that all threads of the group share. */
  public float[] allocateFloatLocalArray(int size) {
    return new float[size];
  }

  /** An array that all threads of the group share. */
  public int[] allocateIntLocalArray(int size) {
    return new int[size];
  }
}
