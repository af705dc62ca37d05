package dev.orrery.benchmarks;

import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link ConvWeightOrder} of a large weight of the decoder, as a model is loaded. */
public class ConvWeightOrderBenchmark extends MemoryBoundBenchmark {
  /** Co x Ci x Kt x K x K. */
  @Param("384x384x3x3x3")
  public String size;

  public ConvWeightOrderBenchmark() {
    super("Co x Ci x Kt x K x K", 0, 2 * Short.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    ConvWeightOrder order = kernel(ConvWeightOrder.class);
    Tensor stored = normal(DType.BF16, extents);
    Tensor out = empty(DType.BF16, extents[2], extents[3], extents[4], extents[1], extents[0]);
    return () -> order.run(stored, out);
  }
}
