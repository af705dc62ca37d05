package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link MatmulResidual} of the tokens of three latent frames: attention and feed-forward outputs.
 */
public class MatmulResidualBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** Latent frames, each with a gate of its own. */
  private static final int GATES = 3;

  /** M x K x N. */
  @Param({"2640x1536x1536", "2640x8960x1536"})
  public String size;

  private MatmulResidual matmul;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor gate;
  private Tensor residual;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    matmul = kernel(MatmulResidual.class);
    x = normal(extents[0], extents[1]);
    weight = normal(extents[2], extents[1]);
    bias = normal(extents[2]);
    gate = normal(GATES, extents[2]);
    residual = normal(extents[0], extents[2]);
  }

  @Override
  public String shape() {
    return Sizes.show("M x K x N", size);
  }

  @Override
  public double operations() {
    return 2 * Sizes.values(size);
  }

  /** The tensors, each once, but the residual, which is read and written. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    double vectors = (1.0 + GATES) * n[2];
    double values = (double) n[0] * (n[1] + 2 * n[2]) + (double) n[1] * n[2] + vectors;
    return Float.BYTES * values;
  }

  @Benchmark
  public Tensor run() {
    matmul.run(x, weight, bias, gate, residual);
    return residual;
  }
}
