package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Unpatchify} of the head of a transformer into the latents of a chunk. */
public class UnpatchifyBenchmark extends MemoryBoundBenchmark {
  private static final int PATCH = 2;

  /** T x Y x X x C. */
  @Param("3x44x80x16")
  public String size;

  public UnpatchifyBenchmark() {
    super("T x Y x X x C", 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Unpatchify unpatchify = kernel(Unpatchify.class);
    int patches = extents[0] * (extents[1] / PATCH) * (extents[2] / PATCH);
    Tensor x = normal(patches, extents[3] * PATCH * PATCH);
    Tensor out = empty(extents);
    return () -> unpatchify.run(x, PATCH, PatchOrder.CHANNEL_FASTEST, out);
  }
}
