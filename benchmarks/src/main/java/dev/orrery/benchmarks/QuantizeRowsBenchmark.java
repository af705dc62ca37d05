package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link QuantizeRows} of the input of a block's layers. */
public class QuantizeRowsBenchmark extends MemoryBoundBenchmark {
  /** M x K. */
  @Param("2640x1536")
  public String size;

  /** Type of the result. */
  @Param({"I8", "F8_E4M3"})
  public DType dtype;

  private QuantizeRows quantize;
  private Tensor x;
  private ScaledRows out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    quantize = kernel(QuantizeRows.class);
    x = normal(extents);
    out = new ScaledRows(empty(dtype, extents), empty(extents[0]));
  }

  @Override
  public String shape() {
    return Sizes.show("M x K", size) + ", to " + dtype;
  }

  /** Four bytes are read for each that is written. */
  @Override
  public double bytes() {
    return 1.25 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    quantize.run(x, out);
    return out.values();
  }
}
