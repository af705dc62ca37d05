package dev.orrery.kernels.tornado;

/**
 * How many threads run a kernel.
 *
 * @param groups groups along the first axis
 * @param rowsOfGroups groups along the second axis
 * @param threads of a group, along the first axis
 * @param rowsOfThreads of a group, along the second axis
 */
public record Grid(int groups, int rowsOfGroups, int threads, int rowsOfThreads) {
  /** Threads of the largest group that any kernel has. */
  static final int LARGEST_GROUP = 256;

  /** Requires groups that every device has which is opened. */
  public Grid {
    if (threads * rowsOfThreads > LARGEST_GROUP) {
      throw new IllegalArgumentException(
          "expected groups of at most "
              + LARGEST_GROUP
              + " threads, found "
              + threads
              + " x "
              + rowsOfThreads);
    }
  }

  /** Threads of a group of a kernel whose threads know nothing of each other. */
  private static final int INDEPENDENT = 64;

  /** Enough to occupy any device; a thread that is done with one item takes another. */
  private static final int MOST_GROUPS = 4096;

  /** Groups that each work on a row. */
  public static Grid ofRows(int rows, int threads) {
    return new Grid(rows, 1, threads, 1);
  }

  /** Threads for so many items. */
  static Grid ofItems(long items) {
    return new Grid(
        (int) Math.min(MOST_GROUPS, Math.ceilDiv(items, INDEPENDENT)), 1, INDEPENDENT, 1);
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return groups == 0 || rowsOfGroups == 0;
  }
}
