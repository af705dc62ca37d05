package dev.orrery.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** The opened checkpoints of a model, one for each of its networks. */
public final class CheckpointSet implements AutoCloseable {
  private final List<Checkpoint> checkpoints = new ArrayList<>();

  /**
   * Opens checkpoints in order, without reading their data.
   *
   * @throws CheckpointException if one is missing or not valid; none stays open then
   */
  public CheckpointSet(List<Supplier<Checkpoint>> openers) {
    try {
      openers.forEach(opener -> checkpoints.add(opener.get()));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The checkpoints, in the order in which they were opened. */
  public List<Checkpoint> checkpoints() {
    return List.copyOf(checkpoints);
  }

  /** Bytes of all tensors. */
  public long byteSize() {
    return checkpoints.stream().mapToLong(Checkpoint::byteSize).sum();
  }

  /**
   * Brings all data into memory.
   *
   * @param progress receives the bytes so far
   */
  public void load(LongConsumer progress) {
    long before = 0;
    for (Checkpoint checkpoint : checkpoints) {
      long base = before;
      checkpoint.load(bytes -> progress.accept(base + bytes));
      before += checkpoint.byteSize();
    }
  }

  @Override
  public void close() {
    checkpoints.forEach(Checkpoint::close);
  }
}
