package dev.orrery.model.session;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Makes as many frames as wanted from a session, chunk by chunk: the same bytes as stepping. */
final class Rollout {
  private final WorldSession session;
  private final ChunkMaker maker;
  private final int ahead;

  /** Makes the next chunk of a session. */
  @FunctionalInterface
  interface ChunkMaker {
    PendingFrames make(List<? extends Action> actions, Progress progress);
  }

  /**
   * The frames of a chunk, which may still be decoded.
   *
   * @param count how many there will be
   * @param frames waits for them
   */
  record PendingFrames(int count, Supplier<VideoFrames> frames) {}

  /**
   * @param ahead chunks that are made while an earlier one is decoded
   */
  Rollout(WorldSession session, ChunkMaker maker, int ahead) {
    this.session = session;
    this.maker = maker;
    this.ahead = ahead;
  }

  /** See {@link WorldSession#rollout}. */
  <E extends Exception> void run(
      IntFunction<? extends Action> actions,
      int frames,
      Progress progress,
      WorldSession.FrameSink<E> sink)
      throws E {
    Queue<PendingFrames> pending = new ArrayDeque<>();
    int made = 0;
    int given = 0;
    try {
      while (given < frames) {
        if (made < frames) {
          PendingFrames chunk = make(actions, made, frames, progress);
          pending.add(chunk);
          made += chunk.count();
        }
        if (pending.size() > ahead || made >= frames) {
          given += give(pending.remove(), frames - given, sink);
        }
      }
      progress.report("making frames", given, frames);
    } catch (CancellationException e) {
      while (!pending.isEmpty()) {
        given += give(pending.remove(), frames - given, sink);
      }
      throw e;
    } finally {
      // After a failure of the sink, nothing may still be decoding when the session goes on.
      pending.forEach(chunk -> chunk.frames().get());
    }
  }

  private PendingFrames make(
      IntFunction<? extends Action> actions, int first, int frames, Progress progress) {
    int count = session.nextFrames();
    int wanted = Math.min(count, frames - first);
    Progress steps =
        (stage, step, total) ->
            progress.report("making frames", first + wanted * step / Math.max(1, total), frames);
    return maker.make(IntStream.range(first, first + count).mapToObj(actions).toList(), steps);
  }

  private static <E extends Exception> int give(
      PendingFrames chunk, int atMost, WorldSession.FrameSink<E> sink) throws E {
    int wanted = Math.min(chunk.count(), atMost);
    sink.accept(chunk.frames().get().first(wanted));
    return wanted;
  }
}
