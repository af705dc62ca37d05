package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.LinearEnd;
import dev.orrery.kernels.linear.MatmulInt8;
import dev.orrery.kernels.linear.QuantizeRows;
import dev.orrery.kernels.linear.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link MatmulInt8} at shapes of {@link MatmulBenchmark}, with as many JVMs for the reasons given
 * there.
 */
@Fork(
    value = 3,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class MatmulInt8Benchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** M x K x N. */
  @Param({"880x1536x1536", "2640x8960x1536", "3x768x768"})
  public String size;

  private MatmulInt8 matmul;
  private ScaledRows x;
  private ScaledRows weight;
  private Tensor bias;
  private LinearEnd end;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    matmul = kernel(MatmulInt8.class);
    x = quantized(extents[0], extents[1]);
    weight = quantized(extents[2], extents[1]);
    bias = normal(extents[2]);
    end = new LinearEnd.Store(Activation.NONE, empty(extents[0], extents[2]));
  }

  private ScaledRows quantized(int rows, int depth) {
    ScaledRows quantized = new ScaledRows(empty(DType.I8, rows, depth), empty(rows));
    kernel(QuantizeRows.class).run(normal(rows, depth), quantized);
    return quantized;
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
