package dev.orrery.benchmarks;

/**
 * What {@link KernelReport} must know of a benchmark beside its time. A benchmark class implements
 * this on its state; the report sets the public fields of a new instance from the parameters of the
 * run and asks it.
 */
public interface KernelCase {
  /** The shape, as the report shows it. */
  String shape();

  /** Floating-point operations of one invocation; a multiplication and an addition are two. */
  double operations();
}
