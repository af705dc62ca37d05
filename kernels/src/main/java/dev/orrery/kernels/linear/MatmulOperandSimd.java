package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/** A matrix that {@link PackedMatmulSimd} multiplies, in fp32, whatever it is stored as. */
public interface MatmulOperandSimd {
  /** So many products of signed bytes, 2^14 at most each, have sums that fp32 holds exactly. */
  int EXACT_BYTES = (1 << 24) / (1 << 14);

  /** Number of rows: tokens of x, or output channels of a weight. */
  int rows();

  /** Length of a row, K. */
  int depth();

  /**
   * Writes elements {@code [k, k + count)} of a row from {@code at} on; what lies behind them, up
   * to a whole vector, may change.
   *
   * @param k a multiple of {@link dev.orrery.kernels.cpu.FewRowsTile#DEPTH}
   * @param count up to {@link #blockDepth}, a multiple of FewRowsTile.DEPTH but at the end of the
   *     row
   */
  void read(long row, int k, int count, float[] to, int at);

  /** Factors of the rows, by which sums of their products are multiplied; null if all are one. */
  default FloatView scales() {
    return null;
  }

  /**
   * Most products of its values in a sum before that is scaled and added to those before it: a
   * multiple of {@link dev.orrery.kernels.cpu.FewRowsTile#DEPTH}.
   */
  default int blockDepth() {
    return PackedMatmulSimd.DEPTH;
  }

  /** A matrix of fp32, fp16 or bf16. */
  static MatmulOperandSimd of(Tensor matrix) {
    return of(matrix, null);
  }

  /**
   * A matrix of any dtype.
   *
   * @param scales what {@link #scales} returns
   */
  static MatmulOperandSimd of(Tensor matrix, FloatView scales) {
    FloatView values = FloatView.of(matrix);
    int rows = matrix.size(0);
    int depth = matrix.size(1);
    boolean bytes = matrix.dtype() == DType.I8;
    return new MatmulOperandSimd() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public int depth() {
        return depth;
      }

      @Override
      public void read(long row, int k, int count, float[] to, int at) {
        values.copy(row * depth + k, to, at, count);
      }

      @Override
      public FloatView scales() {
        return scales;
      }

      @Override
      public int blockDepth() {
        return bytes ? EXACT_BYTES : PackedMatmulSimd.DEPTH;
      }
    };
  }
}
