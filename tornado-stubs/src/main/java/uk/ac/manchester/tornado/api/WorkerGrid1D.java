package uk.ac.manchester.tornado.api;

/** A grid of one row. */
public class WorkerGrid1D implements WorkerGrid {
  public WorkerGrid1D(int x) {
    throw new UnsupportedOperationException(TaskGraph.ABSENT);
  }

  @Override
  public void setGlobalWork(long x, long y, long z) {}

  @Override
  public void setLocalWork(long x, long y, long z) {}
}
