package dev.orrery.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A kernel whose time goes into reading and writing activations. Weights of a row or a frame are
 * not counted: they stay in the cache. Calls are short, so iterations may be, too. A benchmark has
 * a parameter {@code size}, says what its axes are and what an element costs, and makes the call.
 */
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public abstract class MemoryBoundBenchmark extends KernelBenchmark implements KernelCase.Memory {
  private final String letters;
  private final double operationsOfElement;
  private final double bytesOfElement;
  private Runnable call;

  /**
   * @param letters the axes of the size, {@code T x C}
   * @param operationsOfElement of floating point, for each element of the size
   * @param bytesOfElement bytes that are read and written for each element of the size
   */
  MemoryBoundBenchmark(String letters, double operationsOfElement, double bytesOfElement) {
    this.letters = letters;
    this.operationsOfElement = operationsOfElement;
    this.bytesOfElement = bytesOfElement;
  }

  /** The size of this run, {@code 2640x1536}. */
  abstract String size();

  /** Makes the kernel and its tensors, and returns what is measured. */
  abstract Runnable call(int[] extents);

  @Override
  final void prepare() {
    call = call(Sizes.parse(size()));
  }

  @Override
  public String shape() {
    return Sizes.show(letters, size());
  }

  @Override
  public double operations() {
    return operationsOfElement * Sizes.values(size());
  }

  @Override
  public double bytes() {
    return bytesOfElement * Sizes.values(size());
  }

  /** One call. */
  @Benchmark
  public void run() {
    call.run();
  }
}
