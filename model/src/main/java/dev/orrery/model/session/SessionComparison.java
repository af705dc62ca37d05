package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.runtime.media.Psnr;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * How far a chunk of video, as one session makes it, is from what another session makes of the same
 * image, seed and actions: a quantised model beside the one that it was made from. Both go on with
 * what they made themselves, so that differences grow from chunk to chunk.
 *
 * @param chunk index of the chunk of video
 * @param layers outputs of the transformer's blocks in the first pass, in their order
 * @param decibels peak signal-to-noise ratio of the frames
 */
public record SessionComparison(int chunk, List<ActivationError> layers, double decibels) {
  /** The other passes would tell the same and take as much memory each. */
  private static final Predicate<String> LAYERS =
      Pattern.compile("step0\\.block\\d+\\.out").asMatchPredicate();

  /**
   * Plays two sessions, chunk by chunk.
   *
   * @param expected at chunk 0
   * @param actual the same start of another model
   * @param backend where both run
   * @param actions the action of each video frame
   * @param chunks chunks to make
   * @param progress receives chunks done
   */
  public static List<SessionComparison> between(
      WorldSession expected,
      WorldSession actual,
      Backend backend,
      IntFunction<? extends Action> actions,
      int chunks,
      Progress progress) {
    List<SessionComparison> drifts = new ArrayList<>();
    int first = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
      progress.report("comparing chunks", chunk, chunks);
      List<Action> held = new ArrayList<>();
      for (int i = 0; i < expected.nextFrames(); i++) {
        held.add(actions.apply(first + i));
      }
      first += held.size();
      ActivationTrace want = new ActivationTrace(backend, LAYERS);
      VideoFrames wanted = step(expected, held, want);
      ActivationTrace have = new ActivationTrace(backend, LAYERS);
      VideoFrames found = step(actual, held, have);
      drifts.add(
          new SessionComparison(
              chunk,
              ActivationError.between(want.values(), have.values(), name -> true),
              Psnr.decibels(wanted.rgb(), found.rgb())));
    }
    progress.report("comparing chunks", chunks, chunks);
    return drifts;
  }

  private static VideoFrames step(WorldSession session, List<Action> actions, Trace trace) {
    session.trace(trace);
    try {
      return session.step(actions);
    } finally {
      session.trace(Trace.NONE);
    }
  }
}
