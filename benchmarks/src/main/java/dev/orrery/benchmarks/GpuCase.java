package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;

/**
 * An operation at a shape of a model, with the work of one call counted. Activations and matrices
 * of weights are bf16. Bytes are those that have to be read and written at least once; vectors of
 * weights are not counted. Operations are those of products; what else a kernel computes runs
 * beside the tensor cores and is not counted.
 *
 * @param operation the contract
 * @param use where the model needs it
 * @param letters the axes of the size, {@code M x K x N}
 * @param size their extents, {@code 2640x1536x1536}
 * @param calls calls of one pass of the network
 * @param operations floating-point operations of one call; a multiplication and an addition are two
 * @param bytes bytes of one call
 */
record GpuCase(
    Class<? extends Kernel> operation,
    String use,
    String letters,
    String size,
    int calls,
    double operations,
    double bytes) {
  /** Of an activation or a weight. */
  static final int BF16_BYTES = 2;

  /** {@code out [M, N] = x [M, K] weight [N, K]^T}. */
  static GpuCase matmul(String use, int calls, String size) {
    return product(Matmul.class, use, calls, size, 1);
  }

  /** The same, read from and added to a residual {@code [M, N]}. */
  static GpuCase matmulResidual(String use, int calls, String size) {
    return product(MatmulResidual.class, use, calls, size, 2);
  }

  private static GpuCase product(
      Class<? extends Kernel> operation, String use, int calls, String size, int outputs) {
    int[] n = Sizes.parse(size);
    double values = (double) n[0] * n[1] + (double) n[1] * n[2] + outputs * ((double) n[0] * n[2]);
    return new GpuCase(
        operation, use, "M x K x N", size, calls, 2 * Sizes.values(size), BF16_BYTES * values);
  }

  /** Queries {@code [Tq, H, D]} attend to keys and values {@code [Tk, H, D]}. */
  static GpuCase attention(String use, int calls, String size) {
    int[] n = Sizes.parse(size);
    double values = 2.0 * (n[0] + n[1]) * n[2] * n[3];
    return new GpuCase(
        Attention.class,
        use,
        "Tq x Tk x H x D",
        size,
        calls,
        4 * Sizes.values(size),
        BF16_BYTES * values);
  }

  /** Queries {@code [F, S, H, D]} attend to keys and values {@code [Fk, S, H, D]}. */
  static GpuCase temporalAttention(String use, int calls, String size) {
    int[] n = Sizes.parse(size);
    double values = 2.0 * (n[0] + n[1]) * n[2] * n[3] * n[4];
    return new GpuCase(
        TemporalAttention.class,
        use,
        "F x Fk x S x H x D",
        size,
        calls,
        4 * Sizes.values(size),
        BF16_BYTES * values);
  }

  /** A convolution of T frames behind a history of Kt - 1. */
  static GpuCase causalConv3d(String use, int calls, String size) {
    int[] n = Sizes.parse(size);
    double pixels = (double) n[6] * n[7];
    double values =
        (n[0] - 1 + n[5]) * pixels * n[3]
            + n[5] * pixels * n[4]
            + (double) n[0] * n[1] * n[2] * n[3] * n[4];
    return new GpuCase(
        CausalConv3d.class,
        use,
        "Kt x K x K x Ci x Co x T x Y x X",
        size,
        calls,
        2 * Sizes.values(size),
        BF16_BYTES * values);
  }

  /** A convolution of the T frames of its output, with a stride of one. */
  static GpuCase conv2d(String use, int calls, String size) {
    int[] n = Sizes.parse(size);
    double values =
        (double) n[4] * n[5] * n[6] * (n[2] + n[3]) + (double) n[0] * n[1] * n[2] * n[3];
    return new GpuCase(
        Conv2d.class,
        use,
        "K x K x Ci x Co x T x Y x X",
        size,
        calls,
        2 * Sizes.values(size),
        BF16_BYTES * values);
  }

  /**
   * An operation without products.
   *
   * @param bytesOfElement bytes that are read and written for each element of the size
   */
  static GpuCase elements(
      Class<? extends Kernel> operation,
      String use,
      int calls,
      String letters,
      String size,
      double bytesOfElement) {
    return new GpuCase(
        operation, use, letters, size, calls, 0, bytesOfElement * Sizes.values(size));
  }

  /** The shape as reports show it. */
  String shape() {
    return Sizes.show(letters, size);
  }
}
