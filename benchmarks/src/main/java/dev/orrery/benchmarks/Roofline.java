package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.Quantization;

/**
 * The least time that a GPU needs for a piece of work: no faster than its tensor cores multiply,
 * and no faster than its memory delivers.
 *
 * @param device name of the GPU
 * @param capability its compute capability times ten: 90 for Hopper
 * @param operationsPerSecond bf16 operations of its tensor cores; a multiplication and an addition
 *     are two
 * @param bytesPerSecond bandwidth of its memory
 */
record Roofline(String device, int capability, double operationsPerSecond, double bytesPerSecond) {
  private static final int FIRST_WITH_FP8 = 89;

  /** An H200, by the rates of large bf16 products and of copies that were measured on one. */
  static final Roofline H200 = new Roofline("H200", 90, 788e12, 4.3e12);

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
    return work.operations() / (speed(work.form()) * operationsPerSecond);
  }

  /**
   * How many times as fast as in bf16 tensor cores multiply. Four-bit weights, and fp8 on GPUs that
   * do not multiply it, are widened to 16 bits before.
   */
  private double speed(Quantization form) {
    if (form == null) {
      return 1;
    }
    return switch (form.format()) {
      case INT8 -> 2;
      case FP8 -> capability >= FIRST_WITH_FP8 ? 2 : 1;
      case INT4 -> 1;
    };
  }

  private double memorySeconds(GpuCase work) {
    return work.bytes() / bytesPerSecond;
  }
}
