package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/**
 * Sum of two tensors of one shape, {@code out = a + b}, where {@code out} may be {@code a} or
 * {@code b}; or of a tensor and fewer rows, {@code out[t] = a[t] + b[r]} for row r that {@link
 * Rows} gives row t, where {@code out} may be {@code a}.
 *
 * <p>Shapes of the second form: {@code a, out [T, C]}, {@code b [R, C]}, T a multiple of R. C may
 * stand for several extents, the last of a and of b alike; T may, too.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Add extends Kernel {
  /** Which of R rows is added to row t of T. */
  enum Rows {
    /** Row {@code t / (T / R)}: each for T / R consecutive rows; an action for a frame's tokens. */
    EACH,
    /** Row {@code t mod R}: all of them again and again; positions of a frame for many frames. */
    CYCLE
  }

  default void run(Tensor a, Tensor b, Tensor out) {
    Check.activation("a", a, this::accepts);
    Check.tensor("b", b, a.dtype(), a.shape().extents());
    Check.tensor("out", out, a.dtype(), a.shape().extents());
    launch(a, b, out);
  }

  /** The second form. */
  default void run(Tensor a, Tensor b, Rows rows, Tensor out) {
    Check.activation("a", a, this::accepts);
    long[] row = row(a, b);
    long columns = Arrays.stream(row).reduce(1, Math::multiplyExact);
    Check.multiple("rows of a", columns == 0 ? 0 : a.elements() / columns, "rows of b", b.size(0));
    Check.tensor("out", out, a.dtype(), a.shape().extents());
    if (a.elements() == b.elements()) {
      launch(a, b, out);
      return;
    }
    switch (rows) {
      case EACH -> launch(a, b, columns, a.elements() / b.size(0), out);
      case CYCLE -> launch(a, b, b.elements(), a.elements(), out);
    }
  }

  /** The extents of a row of b, with which those of a must end. */
  private static long[] row(Tensor a, Tensor b) {
    long[] all = a.shape().extents();
    int rank = b.shape().rank();
    Check.that(
        b.dtype() == a.dtype() && rank >= 2 && rank <= all.length,
        "b: expected " + a.dtype() + " of rank 2 to " + all.length + ", found " + b);
    long[] row = Arrays.copyOfRange(b.shape().extents(), 1, rank);
    Check.that(
        Arrays.equals(row, 0, row.length, all, all.length - row.length, all.length),
        "b: expected rows like the last " + row.length + " extents of " + a + ", found " + b);
    return row;
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor a, Tensor b, Tensor out);

  /**
   * Implemented by backends; arguments are checked: {@code out[i] = a[i] + b[i / block * run + i
   * mod run]} for elements numbered through, with whole quotients.
   *
   * @param run elements of b that are added one after the other, again and again
   * @param block elements of a, a multiple of {@code run}, after which it is the next run of b
   */
  void launch(Tensor a, Tensor b, long run, long block, Tensor out);
}
