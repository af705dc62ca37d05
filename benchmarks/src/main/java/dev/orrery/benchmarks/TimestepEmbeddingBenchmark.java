package dev.orrery.benchmarks;

import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link TimestepEmbedding} of the latent frames of a chunk. */
public class TimestepEmbeddingBenchmark extends MemoryBoundBenchmark {
  /** F x D. */
  @Param("3x256")
  public String size;

  public TimestepEmbeddingBenchmark() {
    super("F x D", 2, Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    TimestepEmbedding embedding = kernel(TimestepEmbedding.class);
    Tensor timesteps = normal(extents[0]);
    Tensor out = empty(extents);
    return () -> embedding.run(timesteps, out);
  }
}
