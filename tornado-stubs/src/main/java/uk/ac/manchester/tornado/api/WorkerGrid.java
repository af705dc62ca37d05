package uk.ac.manchester.tornado.api;

/** How many threads run a task, and in groups of how many. */
public interface WorkerGrid {
  void setGlobalWork(long x, long y, long z);

  void setLocalWork(long x, long y, long z);
}
