package dev.orrery.benchmarks;

/**
 * What reports must know of a benchmark beside its time: its shape, and the work of one invocation.
 * A benchmark class implements this on its state; a report sets the public fields of a new instance
 * from the parameters of the run and asks it.
 */
public sealed interface KernelCase {
  /** The shape, as reports show it. */
  String shape();

  /**
   * Floating-point operations of one invocation, 0 where values are only moved. A multiplication
   * and an addition are two; a division, a root and an exponential are one each.
   */
  double operations();

  /** Bytes that one invocation has to read and write at least once. */
  double bytes();

  /** A kernel that is compared with the machine's peak of arithmetic. */
  non-sealed interface Arithmetic extends KernelCase {}

  /** A kernel that is compared with copying memory. */
  non-sealed interface Memory extends KernelCase {}
}
