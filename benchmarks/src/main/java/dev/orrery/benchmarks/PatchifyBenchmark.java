package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Patchify} of the latents of a chunk and their condition, into patches of 2 x 2. */
public class PatchifyBenchmark extends MemoryBoundBenchmark {
  private static final int PATCH = 2;

  /** T x Y x X x C. */
  @Param("3x44x80x36")
  public String size;

  public PatchifyBenchmark() {
    super("T x Y x X x C", 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Patchify patchify = kernel(Patchify.class);
    Tensor x = normal(extents);
    int patches = extents[0] * (extents[1] / PATCH) * (extents[2] / PATCH);
    Tensor out = empty(patches, extents[3] * PATCH * PATCH);
    return () -> patchify.run(x, PATCH, PatchOrder.CHANNEL_SLOWEST, 0, out);
  }
}
