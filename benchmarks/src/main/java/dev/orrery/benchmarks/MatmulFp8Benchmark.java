package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;

/** {@link MatmulFp8} of normal deviates rounded to the type. */
public class MatmulFp8Benchmark extends QuantizedMatmulBenchmark {
  private MatmulFp8 matmul;
  private ScaledRows x;
  private ScaledRows weight;

  @Override
  void prepare(int rows, int depth, int columns) {
    matmul = kernel(MatmulFp8.class);
    x = rows(rows, depth);
    weight = rows(columns, depth);
  }

  private ScaledRows rows(int rows, int depth) {
    float[] scales = new float[rows];
    Arrays.fill(scales, 0.01f);
    return new ScaledRows(normal(DType.F8_E4M3, rows, depth), Tensor.of(scales, rows));
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
