package dev.orrery.kernels.tornado;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Runs kernels over grids. There are two: a device through TornadoVM, and an emulation in the
 * tests, so that everything else is the same in both.
 */
public interface TornadoDriver extends AutoCloseable {
  /** What the device says about itself. */
  DeviceFacts facts();

  /**
   * Gives an array a place on the device that lasts until {@link #evict}. What it holds there is
   * undefined; the array on the host is never looked at.
   *
   * @throws OutOfMemoryError if the device has no room for it
   */
  void place(TornadoNativeArray array);

  /**
   * Takes the place of an array away. Launches that use it have been closed before.
   *
   * @param array one that was placed
   */
  void evict(TornadoNativeArray array);

  /** Makes a kernel ready to run again and again with these arrays. */
  Launch prepare(KernelCode code, KernelCode.Arguments arguments, Transfer... transfers);

  @Override
  void close();

  /** How an array gets to a kernel and back. */
  enum Transfer {
    /** It has a place on the device. */
    PLACED,
    /** It is sent to the device before every run. */
    SENT,
    /** It is fetched from the device after every run. */
    FETCHED
  }

  /** A kernel with its arrays, which are bound for good; the numbers are read at every run. */
  interface Launch extends AutoCloseable {
    /** Runs the kernel and returns when the device is done. */
    void run(Grid grid);

    @Override
    void close();
  }
}
