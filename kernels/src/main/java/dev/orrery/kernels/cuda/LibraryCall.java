package dev.orrery.kernels.cuda;

import jcuda.driver.CUstream;

/**
 * Work that a library puts on a stream by itself. It is written down like a launch: by its number
 * on the device and parameters, which alone decide what is done.
 */
interface LibraryCall extends AutoCloseable {
  /**
   * Puts the work on a stream, which may be captured: nothing may be allocated or waited for.
   *
   * @param parameters those of {@link CudaStream#call}
   */
  void issue(CUstream stream, long[] parameters);

  @Override
  void close();
}
