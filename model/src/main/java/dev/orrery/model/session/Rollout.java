package dev.orrery.model.session;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Makes as many frames as wanted from a session, chunk by chunk: the same bytes as stepping.
 *
 * @param actions as for {@link WorldSession#rollout}
 * @param frames as for {@link WorldSession#rollout}
 * @param progress as for {@link WorldSession#rollout}
 */
record Rollout(
    WorldSession session, IntFunction<? extends Action> actions, int frames, Progress progress) {
  private static final String STAGE = "making frames";

  /** Of chunks with fewer frames than steps, which else would not be seen to move. */
  private static final String STEPS = "taking steps";

  /** Makes the next chunk of a session, whose frames may be handed over later. */
  @FunctionalInterface
  interface ChunkMaker {
    void make(List<? extends Action> actions, Progress progress);
  }

  /** Makes all chunks, or those until the sink fails. */
  void run(ChunkMaker maker, HandOver<?> handOver) {
    for (int made = 0; made < frames && !handOver.failed(); ) {
      int first = made;
      int count = session.nextFrames();
      int wanted = Math.min(count, frames - first);
      Progress passes =
          (stage, pass, passesInAll) -> {
            long steps = (long) frames * passesInAll;
            if (count < passesInAll && steps <= Integer.MAX_VALUE) {
              progress.report(STEPS, first * passesInAll + wanted * pass, (int) steps);
            } else {
              progress.report(STAGE, first + wanted * pass / Math.max(1, passesInAll), frames);
            }
          };
      maker.make(IntStream.range(first, first + count).mapToObj(actions).toList(), passes);
      made += count;
    }
  }

  /** Reports that all frames were handed over. */
  void done() {
    progress.report(STAGE, frames, frames);
  }
}
