package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link TimeUnshuffle} where the decoder of Wan 2.1 doubles the frames of a chunk first. */
public class TimeUnshuffleBenchmark extends MemoryBoundBenchmark {
  /** T x P x C. */
  @Param("3x3520x768")
  public String size;

  public TimeUnshuffleBenchmark() {
    super("T x P x C", 0, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    TimeUnshuffle unshuffle = kernel(TimeUnshuffle.class);
    Tensor x = normal(extents);
    Tensor out = empty(2 * extents[0], extents[1], extents[2] / 2);
    return () -> unshuffle.run(x, out);
  }
}
