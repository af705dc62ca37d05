package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.runtime.memory.SessionState;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The state of a session is all that the next chunk depends on: copied into another session, it
 * goes on with the same bytes. For every family, on every backend.
 */
public abstract class SessionStateTest {
  /** Before, at and long after the caches roll. */
  private static final int[] CHUNKS = {1, 7, 40};

  /** Before and at; where chunks take long. */
  private static final int[] FEW_CHUNKS = {1, 7};

  /**
   * Plays a tiny model of the family, see {@link #assertGoOnAlike(Backend, Starter, IntFunction,
   * int[])}.
   *
   * @param chunks after which the state is copied
   */
  protected abstract void assertGoOnAlike(Backend backend, int[] chunks) throws Exception;

  @Test
  @Tag("slow")
  void copiesGoOnAlikeOnTheReference() throws Exception {
    assertGoOnAlike(CpuBackend.reference(2), FEW_CHUNKS);
  }

  @Test
  void copiesGoOnAlikeOnTheCpu() throws Exception {
    assertGoOnAlike(CpuBackend.simd(2), CHUNKS);
  }

  @Test
  void copiesGoOnAlikeOnAGpu() throws Exception {
    assertGoOnAlike(CudaTestDevice.openForModels(), FEW_CHUNKS);
  }

  /** Starts a session of one model. */
  @FunctionalInterface
  public interface Starter {
    /**
     * @param other whether it is to have another image and another prompt than the one in question
     */
    WorldSession start(boolean other) throws Exception;
  }

  /**
   * Plays a session and, after each of some chunks, copies its state into a session with another
   * start, one that has played already and one that has not; then all go on with the same bytes.
   *
   * @param actions by video frame
   * @param chunks after which the state is copied, ascending
   */
  protected static void assertGoOnAlike(
      Backend backend, Starter starter, IntFunction<? extends Action> actions, int[] chunks)
      throws Exception {
    try (WorldSession session = starter.start(false)) {
      int frame = 0;
      for (int copyAt : chunks) {
        while (session.chunk() < copyAt) {
          frame += step(session, actions, frame).count();
        }
        SessionState state = SessionState.capture(backend, session);
        int next = frame;
        byte[] fresh;
        byte[] other;
        byte[] used;
        try (WorldSession copy = starter.start(true)) {
          state.restore(backend, copy);
          fresh = step(copy, actions, next).rgb();
        }
        try (WorldSession copy = starter.start(true)) {
          // Its caches, histories and cameras are those of another past.
          step(copy, i -> actions.apply(i + 5), 0);
          other = step(copy, actions, next).rgb();
          state.restore(backend, copy);
          used = step(copy, actions, next).rgb();
        }
        VideoFrames expected = step(session, actions, frame);
        frame += expected.count();
        assertArrayEquals(expected.rgb(), fresh, "a fresh session after " + copyAt + " chunks");
        assertArrayEquals(expected.rgb(), used, "a used session after " + copyAt + " chunks");
        assertEquals(expected.rgb().length, other.length);
        assertFalse(Arrays.equals(expected.rgb(), other), "the past changes nothing");
      }
    }
  }

  private static VideoFrames step(
      WorldSession session, IntFunction<? extends Action> actions, int first) {
    List<? extends Action> held =
        IntStream.range(first, first + session.nextFrames()).mapToObj(actions).toList();
    return session.step(held, Progress.NONE);
  }
}
