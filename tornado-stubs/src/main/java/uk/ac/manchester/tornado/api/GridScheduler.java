package uk.ac.manchester.tornado.api;

/** Which grid each task of a plan has. */
public class GridScheduler {
  public GridScheduler() {
    throw new UnsupportedOperationException(TaskGraph.ABSENT);
  }

  public GridScheduler(String taskName, WorkerGrid workerGrid) {
    throw new UnsupportedOperationException(TaskGraph.ABSENT);
  }
}
