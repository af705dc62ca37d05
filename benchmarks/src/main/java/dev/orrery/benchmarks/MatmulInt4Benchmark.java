package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.GroupedInt4;
import dev.orrery.kernels.linear.LinearEnd;
import dev.orrery.kernels.linear.MatmulInt4;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

/** {@link MatmulInt4} at shapes of {@link MatmulBenchmark}, for the reasons given there. */
@Fork(
    value = 3,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class MatmulInt4Benchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** M x K x N. */
  @Param({"880x1536x1536", "2640x8960x1536", "3x768x768"})
  public String size;

  /** Length of a group. */
  @Param("128")
  public int group;

  private MatmulInt4 matmul;
  private Tensor x;
  private GroupedInt4 weight;
  private Tensor bias;
  private LinearEnd end;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    matmul = kernel(MatmulInt4.class);
    x = normal(extents[0], extents[1]);
    byte[] bytes = new byte[extents[2] * extents[1] / 2];
    new Random(1).nextBytes(bytes);
    Tensor packed = empty(DType.U8, extents[2], extents[1] / 2);
    packed.segment().copyFrom(MemorySegment.ofArray(bytes));
    weight = new GroupedInt4(packed, normal(extents[2], extents[1] / group));
    bias = normal(extents[2]);
    end = new LinearEnd.Store(Activation.NONE, empty(extents[0], extents[2]));
  }

  @Override
  public String shape() {
    return Sizes.show("M x K x N", size) + ", groups of " + group;
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
