package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.LinearEnd;
import dev.orrery.kernels.linear.MatmulFp8;
import dev.orrery.kernels.linear.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link MatmulFp8} at two of the shapes of {@link MatmulBenchmark}, for the reasons given there.
 */
@Fork(
    value = 3,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class MatmulFp8Benchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** M x K x N. */
  @Param({"880x1536x1536", "2640x8960x1536", "3x768x768"})
  public String size;

  private MatmulFp8 matmul;
  private ScaledRows x;
  private ScaledRows weight;
  private Tensor bias;
  private LinearEnd end;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    matmul = kernel(MatmulFp8.class);
    x = rows(extents[0], extents[1]);
    weight = rows(extents[2], extents[1]);
    bias = normal(extents[2]);
    end = new LinearEnd.Store(Activation.NONE, empty(extents[0], extents[2]));
  }

  private ScaledRows rows(int rows, int depth) {
    float[] scales = new float[rows];
    Arrays.fill(scales, 0.01f);
    return new ScaledRows(normal(DType.F8_E4M3, rows, depth), Tensor.of(scales, rows));
  }

  @Override
  public String shape() {
    return Sizes.show("M x K x N", size);
  }

  @Override
  public double operations() {
    return 2 * Sizes.values(size);
  }

  @Benchmark
  public Tensor run() {
    matmul.run(x, weight, bias, end);
    return end.target();
  }
}
