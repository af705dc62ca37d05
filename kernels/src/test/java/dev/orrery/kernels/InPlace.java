package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Tensor;

/** The test of contracts whose output may be an input: same bits as with an output of its own. */
public final class InPlace {
  private InPlace() {}

  /** One kernel run whose input {@code in} may be its output. */
  @FunctionalInterface
  public interface Run<K extends Kernel> {
    void run(K kernel, Tensor in, Tensor out);
  }

  /** Runs one case on both CPU backends with {@code in} apart from the output and as the output. */
  public static <K extends Kernel> void same(Class<K> contract, Tensor in, Run<K> run) {
    for (int backend = 0; backend < 2; backend++) {
      float[] apart =
          KernelHarness.compute(
              backend(backend),
              contract,
              (kernel, out) -> run.run(kernel, in, out),
              in.shape().extents());
      float[] inPlace =
          KernelHarness.compute(
              backend(backend),
              contract,
              (kernel, out) -> {
                out.segment().copyFrom(in.segment());
                run.run(kernel, out, out);
              },
              in.shape().extents());
      assertArrayEquals(apart, inPlace, contract.getSimpleName() + " in place");
    }
  }

  private static CpuBackend backend(int index) {
    return index == 0 ? CpuBackend.reference(2) : CpuBackend.simd(2);
  }
}
