package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** {@link MatmulInt8} of what {@link QuantizeRows} makes of normal deviates. */
public class MatmulInt8Benchmark extends QuantizedMatmulBenchmark {
  private MatmulInt8 matmul;
  private ScaledRows x;
  private ScaledRows weight;

  @Override
  void prepare(int rows, int depth, int columns) {
    matmul = kernel(MatmulInt8.class);
    x = quantized(rows, depth);
    weight = quantized(columns, depth);
  }

  private ScaledRows quantized(int rows, int depth) {
    ScaledRows quantized = new ScaledRows(empty(DType.I8, rows, depth), empty(rows));
    kernel(QuantizeRows.class).run(normal(rows, depth), quantized);
    return quantized;
  }

  /** A byte a value, and a scale for each row. */
  @Override
  double operandBytes(int rows, int depth, int columns) {
    return (double) (rows + columns) * (depth + Float.BYTES);
  }

  @Benchmark
  public Tensor run() {
    matmul.run(x, weight, bias, epilogue);
    return epilogue.target();
  }
}
