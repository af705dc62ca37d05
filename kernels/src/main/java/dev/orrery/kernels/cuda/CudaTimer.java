package dev.orrery.kernels.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;

/** The time a stream takes from where the timer was made to where it is stopped. */
public final class CudaTimer implements AutoCloseable {
  private final CUstream stream;
  private final CUevent start = Driver.newEvent();
  private final CUevent end = Driver.newEvent();

  CudaTimer(CUstream stream) {
    this.stream = stream;
    Driver.record(start, stream);
  }

  /** Waits for all calls so far; the milliseconds the device took for those since the start. */
  public double stop() {
    Driver.record(end, stream);
    Driver.synchronize(end);
    return Driver.milliseconds(start, end);
  }

  @Override
  public void close() {
    Driver.destroy(start);
    Driver.destroy(end);
  }
}
