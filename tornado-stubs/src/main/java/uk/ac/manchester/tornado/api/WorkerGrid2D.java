package uk.ac.manchester.tornado.api;

/** A grid of rows and columns. */
public class WorkerGrid2D implements WorkerGrid {
  public WorkerGrid2D(int x, int y) {
    throw new UnsupportedOperationException(TaskGraph.ABSENT);
  }

  @Override
  public void setGlobalWork(long x, long y, long z) {}

  @Override
  public void setLocalWork(long x, long y, long z) {}
}
