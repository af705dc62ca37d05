package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link QuantizeRows} of the input of a block's layers. */
public class QuantizeRowsBenchmark extends MemoryBoundBenchmark {
  /** M x K. */
  @Param("2640x1536")
  public String size;

  /** Type of the result. */
  @Param({"I8", "F8_E4M3"})
  public DType dtype;

  /** Four bytes are read for each that is written. */
  public QuantizeRowsBenchmark() {
    super("M x K", 3, 1.25 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", to " + dtype;
  }

  @Override
  Runnable call(int[] extents) {
    QuantizeRows quantize = kernel(QuantizeRows.class);
    Tensor x = normal(extents);
    ScaledRows out = new ScaledRows(empty(dtype, extents), empty(extents[0]));
    return () -> quantize.run(x, out);
  }
}
