package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Matmul} at shapes of the models: projections of a block, and the layers of a small demo
 * model. The same code runs at 72 to 83 % of the peak from one JVM to the next, probably by where
 * the packed panels come to lie, so there are three of them.
 */
@Fork(
    value = 3,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class MatmulBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** M x K x N. */
  @Param({"880x1536x1536", "2640x1536x8960", "2640x8960x1536", "72x192x768", "3x768x768"})
  public String size;

  /** Type of the weights. */
  @Param({"F32", "BF16"})
  public DType weights;

  private Matmul matmul;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    matmul = kernel(Matmul.class);
    x = normal(extents[0], extents[1]);
    weight = normal(weights, extents[2], extents[1]);
    bias = normal(extents[2]);
    out = empty(extents[0], extents[2]);
  }

  @Override
  public String shape() {
    return Sizes.show("M x K x N", size) + ", " + weights + " weights";
  }

  @Override
  public double operations() {
    return 2 * Sizes.values(size);
  }

  /** The tensors, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    double activations = (double) n[0] * (n[1] + n[2]) + n[2];
    return Float.BYTES * activations + (double) weights.byteSize() * n[1] * n[2];
  }

  @Benchmark
  public Tensor run() {
    matmul.run(x, weight, bias, Activation.NONE, out);
    return out;
  }
}
