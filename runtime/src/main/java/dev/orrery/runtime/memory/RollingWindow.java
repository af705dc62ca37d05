package dev.orrery.runtime.memory;

/**
 * Which rows of a cache new entries go to, and which rows a query then sees. The cache holds the
 * last {@code capacity} rows of a stream that may be far longer; when it is full the oldest rows
 * behind the sink make room. Every block is written several times, once for each denoising step and
 * once with its clean latents; only the first time moves the window, later ones overwrite the same
 * rows.
 *
 * <p>Source: the rolling KV cache of Matrix-Game 2.0's {@code CausalWanSelfAttention}.
 */
public final class RollingWindow implements SessionState.Part {
  private final int capacity;
  private final int sink;
  private long globalEnd;
  private int localEnd;

  /**
   * What to do with the cache for one write.
   *
   * @param moveFrom first row to move
   * @param moveTo row it moves to
   * @param moveRows rows to move, 0 when there is room
   * @param write first row of the new entries
   * @param windowStart first row that queries see
   * @param windowEnd row behind the last one that queries see
   */
  public record Placement(
      int moveFrom, int moveTo, int moveRows, int write, int windowStart, int windowEnd) {}

  /**
   * An empty window.
   *
   * @param capacity rows the cache holds
   * @param sink rows at the start of the cache that are never evicted
   */
  public RollingWindow(int capacity, int sink) {
    if (capacity < 1 || sink < 0 || sink >= capacity) {
      throw new IllegalArgumentException(
          "expected a capacity of at least one row and a sink below it, found "
              + capacity
              + " and "
              + sink);
    }
    this.capacity = capacity;
    this.sink = sink;
  }

  /** End of the newest entries in the whole stream. */
  public long globalEnd() {
    return globalEnd;
  }

  /** End of the newest entries in the cache. */
  public int localEnd() {
    return localEnd;
  }

  /**
   * Places the entries {@code [start, start + rows)} of the stream.
   *
   * @throws IllegalArgumentException if they neither follow the newest entries nor repeat them
   */
  public Placement place(long start, int rows) {
    long end = start + rows;
    boolean next = start == globalEnd;
    boolean again = end == globalEnd && rows <= localEnd;
    if (rows < 1 || rows > capacity - sink || !(next || again)) {
      throw new IllegalArgumentException(
          "entries ["
              + start
              + ", "
              + end
              + ") neither follow nor repeat the newest ones, which end at "
              + globalEnd
              + " in a cache of "
              + capacity
              + " rows");
    }
    int evict = next ? Math.max(0, localEnd + rows - capacity) : 0;
    int moveRows = evict > 0 ? localEnd - evict - sink : 0;
    localEnd += (int) (end - globalEnd) - evict;
    globalEnd = end;
    return new Placement(
        sink + evict, sink, moveRows, localEnd - rows, Math.max(0, localEnd - capacity), localEnd);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    globalEnd = state.number("globalEnd", globalEnd, Long.MAX_VALUE);
    localEnd = (int) state.number("localEnd", localEnd, capacity);
    // A cache is filled before anything leaves it.
    long expected = Math.min(globalEnd, capacity);
    if (state.restores() && localEnd != expected) {
      throw state.refusal("localEnd", "expected " + expected + ", found " + localEnd);
    }
  }
}
