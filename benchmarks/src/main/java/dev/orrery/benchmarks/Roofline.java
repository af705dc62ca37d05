package dev.orrery.benchmarks;

/**
 * The least time that a GPU needs for a piece of work: no faster than its tensor cores multiply,
 * and no faster than its memory delivers.
 *
 * @param device name of the GPU
 * @param operationsPerSecond bf16 operations of its tensor cores; a multiplication and an addition
 *     are two
 * @param bytesPerSecond bandwidth of its memory
 */
record Roofline(String device, double operationsPerSecond, double bytesPerSecond) {
  /** An H200, by the rates of large bf16 products and of copies that were measured on one. */
  static final Roofline H200 = new Roofline("H200", 788e12, 4.3e12);

  /** What the time of a piece of work is bound by. */
  enum Bound {
    ARITHMETIC,
    MEMORY
  }

  /** The least time of one call, in seconds. */
  double seconds(GpuCase work) {
    return Math.max(arithmeticSeconds(work), memorySeconds(work));
  }

  /** What the least time is bound by. */
  Bound bound(GpuCase work) {
    return arithmeticSeconds(work) > memorySeconds(work) ? Bound.ARITHMETIC : Bound.MEMORY;
  }

  private double arithmeticSeconds(GpuCase work) {
    return work.operations() / operationsPerSecond;
  }

  private double memorySeconds(GpuCase work) {
    return work.bytes() / bytesPerSecond;
  }
}
