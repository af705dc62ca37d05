package dev.orrery.model.session;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Actions that were recorded, video frame after video frame, in a file of JSON: a list of rows, or
 * one row after the other, as in JSON Lines, or in a table of numbers ({@code .csv}), a line for
 * each frame. {@link ActionSpace#recorded} says what a row is. After the end of the recording its
 * last action stays held.
 */
public final class ActionRecording {
  /** As many frames as a recording can have: more than an hour at 25 frames a second. */
  public static final int MAX_FRAMES = 100_000;

  /** Of so many frames, in the most talkative form. */
  private static final long MAX_BYTES = 64_000_000;

  private final List<Action> actions;

  private ActionRecording(List<Action> actions) {
    this.actions = actions;
  }

  /**
   * Reads a recording.
   *
   * @param file at most 64 MB and 100,000 frames
   * @param space of the model that will act
   * @throws ActionSyntaxException if the model takes no actions
   * @throws CheckpointException naming the file and the frame, counted from 0, if the file cannot
   *     be read, is too long, is no such list, ends early, or a row is none of the space
   */
  public static ActionRecording read(Path file, ActionSpace space) {
    ActionSyntaxException.refuseIfNone(space);
    List<JsonValue> rows =
        file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")
            ? ActionTable.read(file, MAX_BYTES, MAX_FRAMES)
            : JsonValue.readRows(file, "frame", MAX_BYTES, MAX_FRAMES);
    if (rows.isEmpty()) {
      throw new CheckpointException(file.toString(), "expected a row for each frame, found none");
    }
    return new ActionRecording(List.copyOf(space.recorded(rows)));
  }

  /**
   * The row of a video frame, in the form that {@link #read} takes for every model: what is held by
   * its name, and every digit of what is moved.
   *
   * @param input what was held and moved
   * @param space of the model
   * @return a JSON object in one line, without its end
   * @throws IllegalArgumentException if the input is none of the space, or the space has two names
   *     that a recording cannot tell apart
   */
  public static String row(ActionInput input, ActionSpace space) {
    return RecordedRow.text(input, space);
  }

  /** Video frames of the recording. */
  public int frames() {
    return actions.size();
  }

  /**
   * What is held during a video frame.
   *
   * @param frame from 0; may lie behind the end of the recording
   */
  public Action at(int frame) {
    if (frame < 0) {
      throw new IllegalArgumentException("frame: expected 0 or more, found " + frame);
    }
    return actions.get(Math.min(frame, actions.size() - 1));
  }
}
