package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

/**
 * What the benchmarks of quantised products share: shapes of {@link MatmulBenchmark}, with as many
 * JVMs for the reasons given there, the bias and the output.
 */
@Fork(
    value = 3,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public abstract class QuantizedMatmulBenchmark extends KernelBenchmark
    implements KernelCase.Arithmetic {
  /** M x K x N. */
  @Param({"880x1536x1536", "2640x8960x1536", "3x768x768"})
  public String size;

  Tensor bias;
  Epilogue epilogue;

  @Override
  final void prepare() {
    int[] extents = Sizes.parse(size);
    prepare(extents[0], extents[1], extents[2]);
    bias = normal(extents[2]);
    epilogue = new Epilogue.Store(Activation.NONE, empty(extents[0], extents[2]));
  }

  /** Makes the kernel and the two matrices. */
  abstract void prepare(int rows, int depth, int columns);

  /** Bytes of the two matrices and of their scales. */
  abstract double operandBytes(int rows, int depth, int columns);

  @Override
  public String shape() {
    return Sizes.show("M x K x N", size);
  }

  @Override
  public double operations() {
    return 2 * Sizes.values(size);
  }

  /** The tensors, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    return operandBytes(n[0], n[1], n[2]) + Float.BYTES * (n[2] + (double) n[0] * n[2]);
  }
}
