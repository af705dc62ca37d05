package dev.orrery.play;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Controls;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is held and moved now. A block is made with what this says when the block starts: the newest
 * keys, and the movement of the mouse since the block before. Nothing is queued. Any thread may
 * write it.
 */
public final class HeldInput {
  private final ActionSpace space;
  private List<String> keys = List.of();
  private double right;
  private double up;
  private double time;
  private long arrived;
  private boolean changed;

  /**
   * What one block is made with.
   *
   * @param inputs one for each video frame
   * @param time of the newest part of the input, as the one who gave it said; 0 if there is none
   * @param arrived when that part came, as {@link System#nanoTime}
   * @param changed whether anything came since the block before
   * @param read when the block began and this was read, as {@link System#nanoTime}
   */
  record Reading(List<ActionInput> inputs, double time, long arrived, boolean changed, long read) {}

  /** Nothing is held. */
  public HeldInput(ActionSpace space) {
    this.space = space;
  }

  /**
   * These keys are held from now on, and no others.
   *
   * @param held keys of the model; where it takes one choice at a time, the last of them counts
   * @param now any clock of the caller; comes back with the frames that the keys led to
   * @throws IllegalArgumentException if a key is none of the model's
   */
  public void hold(List<String> held, double now) {
    Set<String> known = space.controls().keys().keySet();
    for (String key : held) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException("held: expected keys of " + known + ", found " + key);
      }
    }
    synchronized (this) {
      keys = List.copyOf(held);
      came(now);
    }
  }

  /**
   * The mouse was moved. Movements add up until a block starts, and are then spread over its video
   * frames; what is more than the model can turn is lost.
   *
   * @param toRight movement to the right, in steps of the mouse in one video frame
   * @param upwards movement up, likewise
   * @param now as for {@link #hold}
   * @throws IllegalArgumentException if the model has no mouse, or a value is not finite
   */
  public void look(double toRight, double upwards, double now) {
    if (space.mouse().isEmpty()) {
      throw new IllegalArgumentException("look: the model has no mouse");
    }
    if (!Double.isFinite(toRight) || !Double.isFinite(upwards)) {
      throw new IllegalArgumentException(
          "look: expected finite movements, found " + toRight + " and " + upwards);
    }
    synchronized (this) {
      right = limited(right + toRight);
      up = limited(up + upwards);
      came(now);
    }
  }

  /** Movements may be as large as numbers are; their sum must stay one. */
  private static double limited(double sum) {
    return Math.clamp(sum, -1e6, 1e6);
  }

  /** Nothing is held or moved any more. */
  public synchronized void release() {
    if (!keys.isEmpty() || right != 0 || up != 0) {
      keys = List.of();
      right = 0;
      up = 0;
      came(0);
    }
  }

  private void came(double now) {
    time = now;
    arrived = System.nanoTime();
    changed = true;
  }

  /**
   * Reads the input for a block.
   *
   * @param frames video frames of the block
   */
  synchronized Reading take(int frames) {
    ActionInput input = input(frames);
    Reading reading =
        new Reading(Collections.nCopies(frames, input), time, arrived, changed, System.nanoTime());
    right = 0;
    up = 0;
    changed = false;
    return reading;
  }

  private ActionInput input(int frames) {
    List<String> counted =
        keys.isEmpty() || space.choices().isEmpty()
            ? keys
            : keys.subList(keys.size() - 1, keys.size());
    Controls controls = space.controls();
    // In their order, as some models let what was pressed first win.
    Set<String> held = new LinkedHashSet<>(counted);
    return controls.hasMouse()
        ? controls.input(held, right / frames, up / frames)
        : controls.input(held);
  }
}
