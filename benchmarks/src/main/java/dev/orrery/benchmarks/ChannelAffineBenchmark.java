package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link ChannelAffine} of the latents of a chunk, Wan 2.1 and Wan 2.2. */
public class ChannelAffineBenchmark extends MemoryBoundBenchmark {
  /** P x C. */
  @Param({"10560x16", "14080x48"})
  public String size;

  public ChannelAffineBenchmark() {
    super("P x C", 2, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    ChannelAffine affine = kernel(ChannelAffine.class);
    Tensor x = normal(extents);
    Tensor scale = normal(extents[1]);
    Tensor offset = normal(extents[1]);
    Tensor out = empty(extents);
    return () -> affine.run(x, scale, offset, out);
  }
}
