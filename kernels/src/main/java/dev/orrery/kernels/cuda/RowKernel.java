package dev.orrery.kernels.cuda;

import java.util.Arrays;

/**
 * A kernel that reduces rows, each shared by a team of threads that take chunks of eight columns;
 * see {@code rows.cuh}.
 */
public abstract class RowKernel extends CudaKernel {
  private static final int CHUNK = 8;
  private static final int WARP = 32;

  /** {@code kSmallTeamsThreads} of {@code rows.cuh}. */
  static final int SMALL_TEAMS_THREADS = 256;

  /** {@code kMostTeamThreads} of {@code rows.cuh}. */
  static final int MOST_TEAM_THREADS = 1024;

  protected RowKernel(CudaDevice device) {
    super(device);
  }

  /**
   * Launches a team for every row.
   *
   * @param segments parts of a row that each begin with a chunk of their own
   * @param columns of a segment
   * @param arguments behind them the number of threads of a team is passed
   */
  protected final void launchRows(
      CudaFunction function, int rows, int segments, int columns, Object... arguments) {
    int chunks = segments * Math.ceilDiv(columns, CHUNK);
    if (chunks == 0) {
      return;
    }
    int team = teamThreads(chunks);
    int threads = Math.max(team, chunks <= WARP ? SMALL_TEAMS_THREADS : 0);
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = team;
    stream().launch(function, Math.ceilDiv(rows, threads / team), 1, 1, threads, 0, all);
  }

  /**
   * A power of two for rows that a warp can hold, else whole warps, with no more of them than give
   * every thread as many chunks.
   */
  private static int teamThreads(int chunks) {
    if (chunks <= WARP) {
      return chunks == 1 ? 1 : 2 * Integer.highestOneBit(chunks - 1);
    }
    int chunksOfThread = Math.ceilDiv(chunks, MOST_TEAM_THREADS);
    return Math.ceilDiv(Math.ceilDiv(chunks, chunksOfThread), WARP) * WARP;
  }
}
