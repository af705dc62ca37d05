package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.tensor.Buffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What a session remembers of all its chunks: rows of fp32 values that grow by one with each chunk,
 * without an end and without taking memory: they lie in a scratch file, of {@value Float#BYTES}
 * bytes a value. Copies of a history have the rows in common that they had when they were copied.
 *
 * <p>To be closed; not for several threads, but copies may be used by others.
 */
public final class RowHistory implements AutoCloseable {
  private final int values;

  /** Whether there is no memory and thus nothing to keep. */
  private final boolean planned;

  private final List<Integer> rows = new ArrayList<>();

  /** A row that may become the next one; null if there is none. */
  private Integer offered;

  /** Where the rows lie; null after closing. */
  private ScratchRows store;

  private RowHistory(int values, boolean planned) {
    this.values = values;
    this.planned = planned;
    store = new ScratchRows((long) values * Float.BYTES);
  }

  /**
   * An empty history.
   *
   * @param row a tensor like those that will be remembered; one without memory makes a history that
   *     only counts
   */
  public static RowHistory of(Tensor row) {
    return new RowHistory(Math.toIntExact(row.elements()), row.buffer() instanceof PlannedBuffer);
  }

  /** Rows so far. */
  public int size() {
    return rows.size();
  }

  /**
   * Writes what may become the next row, in place of what was offered before.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no room for it; then
   *     there is no offer
   */
  public void offer(float[] row) {
    offer(MemorySegment.ofArray(row));
  }

  /**
   * Makes the offer a row, which cannot fail.
   *
   * @throws IllegalStateException if there is none
   */
  public void keep() {
    if (offered == null) {
      throw new IllegalStateException("no row was offered");
    }
    rows.add(offered);
    offered = null;
  }

  private void offer(MemorySegment row) {
    if (row.byteSize() != store.rowBytes()) {
      throw new IllegalArgumentException(
          "row: expected " + store.rowBytes() + " bytes, found " + row.byteSize());
    }
    withdraw();
    offered = planned ? 0 : store.add(row);
  }

  private void withdraw() {
    if (offered != null) {
      release(offered);
      offered = null;
    }
  }

  private void release(int row) {
    if (!planned) {
      store.release(row);
    }
  }

  /**
   * Reads values of a row.
   *
   * @param from the first of them
   * @param to gets {@code count} of them from {@code at} on
   */
  public void read(int row, int from, float[] to, int at, int count) {
    if (!planned) {
      MemorySegment part =
          MemorySegment.ofArray(to).asSlice((long) at * Float.BYTES, (long) count * Float.BYTES);
      store.read(rows.get(row), (long) from * Float.BYTES, part);
    }
  }

  /** Forgets all rows but the first ones. */
  private void shorten(int count) {
    withdraw();
    while (rows.size() > count) {
      release(rows.removeLast());
    }
  }

  /** Becomes a copy of another history of rows of this size. */
  private void share(RowHistory other) {
    other.store.enter();
    other.rows.forEach(other.store::retain);
    shorten(0);
    store.leave();
    store = other.store;
    rows.addAll(other.rows);
  }

  /**
   * Shows every row, by {@code name} and its number.
   *
   * @param count rows that there are to be, when restoring; finite ones
   */
  public void visitState(SessionState.Visitor state, String name, int count) {
    if (!state.restores()) {
      for (int i = 0; i < rows.size(); i++) {
        state.tensor(name + i, new Tensor(DType.F32, Shape.of(values), new Row(this, i), 0));
      }
      return;
    }
    List<Tensor> stored = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      stored.add(state.stored(name + i, DType.F32, Shape.of(values)));
    }
    if (!stored.isEmpty() && stored.getFirst().buffer() instanceof Row row) {
      share(row.history());
      return;
    }
    shorten(0);
    for (int i = 0; i < count; i++) {
      state.requireFinite(name + i, stored.get(i).toFloats());
      offer(stored.get(i).segment());
      keep();
    }
  }

  /** Rows that the scratch file has room for, this history's and those of its copies. */
  int places() {
    return store.places();
  }

  @Override
  public void close() {
    if (store != null) {
      shorten(0);
      store.leave();
      store = null;
    }
  }

  /**
   * A row as the state of a session shows it.
   *
   * @param history whose row it is
   * @param index which one
   */
  record Row(RowHistory history, int index) implements Buffer {
    @Override
    public long byteSize() {
      return history.store.rowBytes();
    }

    @Override
    public String location() {
      return "scratch";
    }

    /** Reads a part from a byte on. */
    void read(long from, MemorySegment to) {
      history.store.read(history.rows.get(index), from, to);
    }
  }
}
