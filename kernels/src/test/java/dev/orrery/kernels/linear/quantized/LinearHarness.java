package dev.orrery.kernels.linear.quantized;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** What the tests of quantised operands and their products share, whatever the types. */
final class LinearHarness {
  private LinearHarness() {}

  /** A product of given matrices. */
  @FunctionalInterface
  interface Product<K extends Kernel> {
    void run(K matmul, Tensor bias, Epilogue epilogue);
  }

  /** The reference and the fast backend, new ones. */
  static CpuBackend[] backends() {
    return new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)};
  }

  /** Requires backends to agree on a stored product [rows, columns]. */
  static <K extends Kernel> void checkStore(
      Class<K> contract,
      Product<K> product,
      int rows,
      int columns,
      Activation activation,
      boolean withBias) {
    Tensor bias = withBias ? KernelHarness.normal(3, DType.BF16, columns) : null;
    KernelHarness.agree(
        contract,
        (matmul, out) -> product.run(matmul, bias, new Epilogue.Store(activation, out)),
        rows,
        columns);
  }

  /**
   * Requires backends to agree on a product [rows, columns] added to a residual.
   *
   * @param frames of the gate; 0 for none
   */
  static <K extends Kernel> void checkAddTo(
      Class<K> contract, Product<K> product, int rows, int columns, int frames, boolean withBias) {
    Tensor bias = withBias ? KernelHarness.normal(3, columns) : null;
    Tensor gate = frames == 0 ? null : KernelHarness.normal(4, frames, columns);
    Tensor before = KernelHarness.normal(5, rows, columns);
    KernelHarness.agree(
        contract,
        (matmul, out) -> {
          MemorySegment.copy(before.segment(), 0, out.segment(), 0, out.byteSize());
          product.run(matmul, bias, new Epilogue.AddTo(gate, out));
        },
        rows,
        columns);
  }

  /**
   * Requires a product of rounded matrices to be as far off that of the matrices as rounding must
   * cost: the relative L2 error within a factor of 1.2 of an expected one.
   */
  static void checkError(String what, Tensor x, Tensor weight, float[] found, double expected) {
    float[] exact =
        KernelHarness.compute(
            CpuBackend.reference(2),
            Matmul.class,
            (matmul, out) -> matmul.run(x, weight, null, Activation.NONE, out),
            x.size(0),
            weight.size(0));
    double error = 0;
    double norm = 0;
    for (int i = 0; i < exact.length; i++) {
      error += Math.pow(found[i] - (double) exact[i], 2);
      norm += Math.pow(exact[i], 2);
    }
    double relative = Math.sqrt(error / norm);
    assertTrue(
        relative < 1.2 * expected && relative > expected / 1.2,
        what + ": error " + relative + ", expected " + expected);
  }
}
