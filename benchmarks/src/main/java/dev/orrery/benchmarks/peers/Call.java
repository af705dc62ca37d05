package dev.orrery.benchmarks.peers;

/** A problem as a library solves it: inputs are in its memory, in the order of axes it likes. */
interface Call {
  /** How, where a library has several ways; else empty. */
  default String way() {
    return "";
  }

  /** Solves it once. */
  void run() throws Exception;

  /** Solves it and returns the result in our kernels' order of axes. */
  float[] result() throws Exception;

  /** Frees its memory. */
  void close() throws Exception;
}
