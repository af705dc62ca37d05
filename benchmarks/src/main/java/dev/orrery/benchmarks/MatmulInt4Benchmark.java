package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link MatmulInt4} of fp32 normal deviates and a weight of random bytes. */
public class MatmulInt4Benchmark extends QuantizedMatmulBenchmark {
  /** Length of a group. */
  @Param("128")
  public int group;

  private MatmulInt4 matmul;
  private Tensor x;
  private GroupedInt4 weight;

  @Override
  void prepare(int rows, int depth, int columns) {
    matmul = kernel(MatmulInt4.class);
    x = normal(rows, depth);
    weight = new GroupedInt4(bytes(columns, depth / 2), normal(columns, depth / group));
  }

  @Override
  public String shape() {
    return super.shape() + ", groups of " + group;
  }

  /** Activations are fp32; of a weight two values share a byte, and a group has a scale. */
  @Override
  double operandBytes(int rows, int depth, int columns) {
    double scales = (double) columns * depth / group;
    return Float.BYTES * (rows * (double) depth + scales) + columns * depth / 2.0;
  }

  @Benchmark
  public Tensor run() {
    matmul.run(x, weight, bias, epilogue);
    return epilogue.target();
  }
}
