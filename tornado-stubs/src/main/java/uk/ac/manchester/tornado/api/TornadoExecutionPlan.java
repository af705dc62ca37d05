package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** Task graphs made ready to run. */
public class TornadoExecutionPlan implements AutoCloseable {
  public TornadoExecutionPlan(ImmutableTaskGraph... immutableTaskGraphs) {
    throw new UnsupportedOperationException(TaskGraph.ABSENT);
  }

  public TornadoExecutionPlan withDevice(TornadoDevice device) {
    return this;
  }

  public TornadoExecutionPlan withGridScheduler(GridScheduler gridScheduler) {
    return this;
  }

  public TornadoExecutionPlan withGraph(int graphIndex) {
    return this;
  }

  public TornadoExecutionPlan freeDeviceMemory() {
    return this;
  }

  public TornadoExecutionResult execute() {
    throw new UnsupportedOperationException(TaskGraph.ABSENT);
  }

  @Override
  public void close() throws TornadoExecutionPlanException {}
}
