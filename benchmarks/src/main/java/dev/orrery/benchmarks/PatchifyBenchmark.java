package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link Patchify} of the latents of a chunk and their condition, into patches of 2 x 2. */
public class PatchifyBenchmark extends MemoryBoundBenchmark {
  private static final int PATCH = 2;

  /** T x Y x X x C. */
  @Param("3x44x80x36")
  public String size;

  private Patchify patchify;
  private Tensor x;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    patchify = kernel(Patchify.class);
    x = normal(extents);
    int patches = extents[0] * (extents[1] / PATCH) * (extents[2] / PATCH);
    out = empty(patches, extents[3] * PATCH * PATCH);
  }

  @Override
  public String shape() {
    return Sizes.show("T x Y x X x C", size);
  }

  @Override
  public double bytes() {
    return 2 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    patchify.run(x, PATCH, 0, out);
    return out;
  }
}
