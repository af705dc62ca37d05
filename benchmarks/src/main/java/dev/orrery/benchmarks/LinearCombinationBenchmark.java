package dev.orrery.benchmarks;

import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link LinearCombination} of the latents of a frame of Oasis and of a chunk of Matrix-Game 2.0.
 */
public class LinearCombinationBenchmark extends MemoryBoundBenchmark {
  /** F x Y x X x C. */
  @Param({"1x18x32x16", "3x44x80x16"})
  public String size;

  /** How many tensors are combined. */
  @Param({"2", "3"})
  public int terms;

  public LinearCombinationBenchmark() {
    super("F x Y x X x C", 0, Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", " + terms + " tensors";
  }

  /** A product for each tensor, and their sum. */
  @Override
  public double operations() {
    return (2 * terms - 1) * Sizes.values(size);
  }

  @Override
  public double bytes() {
    return (terms + 1) * super.bytes();
  }

  @Override
  Runnable call(int[] extents) {
    LinearCombination combination = kernel(LinearCombination.class);
    Tensor x = normal(extents);
    Tensor y = normal(extents);
    Tensor z = normal(extents);
    Tensor out = empty(extents);
    return terms == 2
        ? () -> combination.run(0.25, x, -0.75, y, out)
        : () -> combination.run(0.25, x, -0.75, y, 1.5, z, out);
  }
}
