package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.runtime.checkpoint.Quantization;
import java.util.Locale;

/**
 * An operation at a shape of a model, with the work of one call counted. Activations and matrices
 * of weights are bf16, unless quantised. Bytes are those that have to be read and written at least
 * once; vectors of weights are not counted. Operations are those of products; what else a kernel
 * computes runs beside the tensor cores and is not counted.
 *
 * @param operation the contract
 * @param use where the model needs it
 * @param letters the axes of the size, {@code M x K x N}
 * @param size their extents, {@code 2640x1536x1536}
 * @param form how its weight is quantised, or to what it quantises; null where nothing is
 * @param added whether a product is added to a residual, else it is stored
 * @param calls calls of one pass of the network
 * @param operations floating-point operations of one call; a multiplication and an addition are two
 * @param bytes bytes of one call
 */
record GpuCase(
    Class<? extends Kernel> operation,
    String use,
    String letters,
    String size,
    Quantization form,
    boolean added,
    int calls,
    double operations,
    double bytes) {
  /** Of an activation or a weight. */
  static final int BF16_BYTES = 2;

  private static final String PRODUCT = "M x K x N";

  /** {@code out [M, N] = x [M, K] weight [N, K]^T}. */
  static GpuCase matmul(String use, int calls, String size) {
    return product(use, calls, size, null, false);
  }

  /** The same, read from and added to a residual {@code [M, N]}. */
  static GpuCase matmulResidual(String use, int calls, String size) {
    return product(use, calls, size, null, true);
  }

  /** A product whose weight is quantised, and whose activations are, where the form says so. */
  static GpuCase quantizedMatmul(
      String use, int calls, String size, Quantization form, boolean added) {
    return product(use, calls, size, form, added);
  }

  private static GpuCase product(
      String use, int calls, String size, Quantization form, boolean added) {
    int[] n = Sizes.parse(size);
    double x = activationBytes(form, n[0], n[1]);
    double weight = weightBytes(form, n[2], n[1]);
    double out = (added ? 2 : 1) * BF16_BYTES * ((double) n[0] * n[2]);
    return new GpuCase(
        product(form, added),
        use,
        PRODUCT,
        size,
        form,
        added,
        calls,
        2 * Sizes.values(size),
        x + weight + out);
  }

  private static Class<? extends Kernel> product(Quantization form, boolean added) {
    if (form == null) {
      return added ? MatmulResidual.class : Matmul.class;
    }
    return switch (form.format()) {
      case INT8 -> MatmulInt8.class;
      case FP8 -> MatmulFp8.class;
      case INT4 -> MatmulInt4.class;
    };
  }

  /** With the scales of tokens; of four-bit weights the activations stay bf16. */
  private static double activationBytes(Quantization form, int rows, int columns) {
    double values = (double) rows * columns;
    return form == null || form.format() == Quantization.Format.INT4
        ? BF16_BYTES * values
        : values + (double) Float.BYTES * rows;
  }

  /** With the scales of groups, which are a matrix, too. */
  private static double weightBytes(Quantization form, int rows, int columns) {
    double values = (double) rows * columns;
    if (form == null) {
      return BF16_BYTES * values;
    }
    return switch (form.format()) {
      case INT8, FP8 -> values;
      case INT4 -> values / 2 + Float.BYTES * values / form.group();
    };
  }

  /** Activations {@code [M, K]} get values of eight bits and a scale for each token. */
  static GpuCase quantizeRows(String use, int calls, String size, Quantization form) {
    int[] n = Sizes.parse(size);
    double read = BF16_BYTES * Sizes.values(size);
    double written = activationBytes(form, n[0], n[1]);
    return new GpuCase(
        QuantizeRows.class, use, "M x K", size, form, false, calls, 0, read + written);
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
        null,
        false,
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
        null,
        false,
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
        null,
        false,
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
        null,
        false,
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
        operation, use, letters, size, null, false, calls, 0, bytesOfElement * Sizes.values(size));
  }

  /** The shape as reports show it, with what else tells calls of an operation apart. */
  String shape() {
    String shape = Sizes.show(letters, size);
    if (form == null) {
      return shape;
    }
    if (operation == QuantizeRows.class) {
      return shape + ", to " + name(form);
    }
    String groups = form.group() == 0 ? "" : ", groups of " + form.group();
    return shape + groups + (added ? ", added" : "");
  }

  /** A form as reports show it. */
  static String name(Quantization form) {
    return form.format().name().toLowerCase(Locale.ROOT);
  }
}
