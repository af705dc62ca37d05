package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Keys and values of one attention layer for the newest entries of a stream: {@code [capacity,
 * row...]}, rows being tokens or frames. Keys are stored as they were attended to, rotary embedding
 * included, and are never rotated again.
 */
public final class KvCache implements SessionState.Part {
  private final Backend backend;
  private final Tensor keys;
  private final Tensor values;
  private final RollingWindow window;

  /**
   * The rows a query sees.
   *
   * @param keys {@code [rows, row...]}
   * @param values {@code [rows, row...]}
   */
  public record View(Tensor keys, Tensor values) implements SessionState.Part {
    @Override
    public void visitState(SessionState.Visitor state) {
      state.tensor("keys", keys);
      state.tensor("values", values);
    }
  }

  /**
   * Room for new entries.
   *
   * @param entries where their keys and values are to be written, {@code [rows, row...]}
   * @param seen what their queries see then, the entries included
   */
  public record Room(View entries, View seen) {}

  /**
   * An empty cache.
   *
   * @param arena owner of the memory
   * @param dtype of keys and values
   * @param sinkRows rows at the start that are never evicted
   * @param extents {@code [capacity, row...]}
   */
  public KvCache(Backend backend, TensorArena arena, DType dtype, int sinkRows, long... extents) {
    this.backend = backend;
    this.keys = arena.empty(dtype, extents);
    this.values = arena.empty(dtype, extents);
    this.window = new RollingWindow(Math.toIntExact(extents[0]), sinkRows);
  }

  /** Where the newest entries end. */
  public RollingWindow window() {
    return window;
  }

  /**
   * All keys, {@code [capacity, row...]}; rows behind {@link RollingWindow#localEnd} were never
   * written.
   */
  public Tensor keys() {
    return keys;
  }

  /** All values, laid out like {@link #keys}. */
  public Tensor values() {
    return values;
  }

  /**
   * Makes room for the entries from {@code start} on, which have no content until it is written.
   *
   * @param start index of the first entry in the whole stream: the next one, or that of the newest
   *     entries to replace
   * @param rows how many there are
   */
  public Room append(long start, int rows) {
    RollingWindow.Placement at = window.place(start, rows);
    makeRoom(keys, at);
    makeRoom(values, at);
    return new Room(
        slices(at.write(), at.write() + rows), slices(at.windowStart(), at.windowEnd()));
  }

  private View slices(int from, int to) {
    return new View(keys.slice(from, to), values.slice(from, to));
  }

  private void makeRoom(Tensor cache, RollingWindow.Placement at) {
    if (at.moveRows() > 0) {
      backend.copy(
          cache.slice(at.moveFrom(), at.moveFrom() + at.moveRows()),
          cache.slice(at.moveTo(), at.moveTo() + at.moveRows()));
    }
  }

  /** The rows that were written; the others have no content. */
  @Override
  public void visitState(SessionState.Visitor state) {
    window.visitState(state);
    state.tensor("keys", keys.slice(0, window.localEnd()));
    state.tensor("values", values.slice(0, window.localEnd()));
  }
}
