package dev.orrery.kernels.layout;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Rows of a table by their numbers, as embeddings are looked up: {@code out[t] = table[ids[t]]}, or
 * that added to what is in out. Both convert to out's dtype; the sum is rounded once.
 *
 * <p>Shapes: {@code table [V, C]} in fp32, fp16 or bf16 on every backend, {@code ids [T]} in I32,
 * {@code out [T, C]} in a dtype of activations.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit. Ids may lie
 * where only the device reads them, so no call can refuse one: a number that is no row of the table
 * gives a row of NaN. Whoever makes the ids {@linkplain #check checks} them.
 */
public interface GatherRows extends Kernel {
  /** Computes {@code out[t] = table[ids[t]]}. */
  default void run(Tensor table, Tensor ids, Tensor out) {
    check(table, ids, out);
    launch(table, ids, false, out);
  }

  /** Computes {@code out[t] = out[t] + table[ids[t]]}. */
  default void addTo(Tensor table, Tensor ids, Tensor out) {
    check(table, ids, out);
    launch(table, ids, true, out);
  }

  /**
   * Requires ids of rows that exist.
   *
   * @param rows of the table
   * @throws IllegalArgumentException naming the first id that is no row and its index
   */
  static void check(int[] ids, int rows) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= rows) {
        throw new IllegalArgumentException(
            "ids[" + i + "]: expected 0 to " + (rows - 1) + ", found " + ids[i]);
      }
    }
  }

  private void check(Tensor table, Tensor ids, Tensor out) {
    Check.activation("out", out, 2, this::accepts);
    Check.rank("table", table, table.dtype(), 2);
    Check.weight("table", table, table.size(0), out.size(1));
    Check.tensor("ids", ids, DType.I32, out.size(0));
  }

  /**
   * Implemented by backends; arguments are checked.
   *
   * @param add whether the rows are added to what is in out
   */
  void launch(Tensor table, Tensor ids, boolean add, Tensor out);
}
