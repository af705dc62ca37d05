package uk.ac.manchester.tornado.api;

/** What an execution says about itself. */
public class TornadoExecutionResult {
  TornadoExecutionResult() {}
}
