package dev.orrery.benchmarks;

/**
 * What {@link KernelReport} must know of a benchmark beside its time: its shape, and the work of
 * one invocation in the unit that limits it. A benchmark class implements this on its state; the
 * report sets the public fields of a new instance from the parameters of the run and asks it.
 */
public sealed interface KernelCase {
  /** The shape, as the report shows it. */
  String shape();

  /** A kernel that is compared with the machine's peak of arithmetic. */
  non-sealed interface Arithmetic extends KernelCase {
    /** Floating-point operations of one invocation; a multiplication and an addition are two. */
    double operations();
  }

  /** A kernel that is compared with copying memory. */
  non-sealed interface Memory extends KernelCase {
    /** Bytes that one invocation has to read and write at least once. */
    double bytes();
  }
}
