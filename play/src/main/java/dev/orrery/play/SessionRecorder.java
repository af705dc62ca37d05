package dev.orrery.play;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionRecording;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.video.VideoSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Keeps what was played: its frames as a video, and the inputs that led to them as a recording that
 * plays it again, {@code orrery generate --actions @FILE.jsonl}. From the same start and seed that
 * gives the same frames, to the byte in a folder of PNG files. A recording that begins later goes
 * with a session that was saved where it begins.
 *
 * {@snippet :
 * VideoSink video = VideoSink.open(Path.of("walk.mp4"), format);
 * try (SessionRecorder recorder = SessionRecorder.open(video, Path.of("walk.jsonl"), space)) {
 *   recorder.begin(inputs);
 *   session.stream(inputs.stream().map(space::action).toList(), Progress.NONE, recorder::write);
 *   recorder.finish();
 * }
 * }
 *
 * <p>Both appear under their names when {@link #finish} is called; {@link #close} without it leaves
 * nothing behind. Memory does not grow with their length. All methods may be called from several
 * threads, and take turns.
 */
public final class SessionRecorder implements AutoCloseable {
  private final VideoSink video;
  private final ActionSpace space;

  /** Empty for a model that takes no actions. */
  private final Optional<RecordedActions> actions;

  /** A row for each frame of the chunk that was begun. */
  private List<String> begun = List.of();

  /** Frames of this chunk that came. */
  private int seen;

  /** Frames of the chunks of which any came. */
  private long frames;

  private SessionRecorder(VideoSink video, ActionSpace space, Optional<RecordedActions> actions) {
    this.video = video;
    this.space = space;
    this.actions = actions;
  }

  /**
   * Begins a recording.
   *
   * @param video gets the frames; is closed with this, and if this fails
   * @param actions where the inputs shall appear, a name in {@code .jsonl}; a file of that name is
   *     replaced. A model that takes no actions has none: its frames follow from the start alone
   * @param space of the model
   * @throws IllegalArgumentException if the name ends otherwise
   * @throws IOException with one line for the user, if the file cannot be written
   */
  public static SessionRecorder open(VideoSink video, Path actions, ActionSpace space)
      throws IOException {
    try {
      return new SessionRecorder(
          video,
          space,
          space.isEmpty() ? Optional.empty() : Optional.of(new RecordedActions(actions)));
    } catch (IOException | RuntimeException e) {
      video.close();
      throw e;
    }
  }

  /**
   * Says what the next chunk is made with. A chunk of which no frame came, as one that was
   * cancelled, is forgotten when the next one begins.
   *
   * @param inputs one for each of its video frames
   * @throws IllegalArgumentException if an input is none of the model's
   * @throws IllegalStateException if frames of the chunk before are missing
   * @throws IOException with one line for the user, if this was closed or finished, or would become
   *     longer than the {@link ActionRecording#MAX_FRAMES} frames that a recording can have; what
   *     was recorded can still be finished
   */
  public synchronized void begin(List<ActionInput> inputs) throws IOException {
    if (seen > 0 && seen < begun.size()) {
      throw new IllegalStateException(
          "expected all " + begun.size() + " frames of the chunk before, found " + seen);
    }
    List<String> rows =
        inputs.stream()
            .map(input -> actions.isPresent() ? ActionRecording.row(input, space) : "")
            .toList();
    if (actions.isPresent()) {
      actions.get().requireRoom(rows.size());
    }
    begun = rows;
    seen = 0;
  }

  /**
   * Appends frames of the chunk that was begun.
   *
   * @param made the next ones, any number of them
   * @throws IllegalArgumentException if they are more than the inputs said, or have another size
   *     than the video
   * @throws IOException with one line for the user, if they cannot be written, or this was closed
   *     or finished. After a failed write only {@link #close} is of use
   */
  public synchronized void write(VideoFrames made) throws IOException {
    if (made.count() > begun.size() - seen) {
      throw new IllegalArgumentException(
          "frames: expected at most "
              + (begun.size() - seen)
              + " of the chunk that was begun, found "
              + made.count());
    }
    video.write(made);
    // Written as a whole with its first frame: all of them depend on all of its inputs.
    if (seen == 0 && made.count() > 0) {
      if (actions.isPresent()) {
        actions.get().write(begun);
      }
      frames += begun.size();
    }
    seen += made.count();
  }

  /**
   * Completes both files and moves them into their places. If frames of the last chunk are missing,
   * its inputs are in the recording all the same, and what is made from it again begins with the
   * frames that are here.
   *
   * @throws IllegalStateException if no frame came
   * @throws IOException with one line for the user, if they cannot be written or were
   */
  public synchronized void finish() throws IOException {
    if (frames == 0) {
      throw new IllegalStateException("expected frames before the end of a recording, found none");
    }
    if (actions.isPresent()) {
      actions.get().end();
    }
    video.finish();
    if (actions.isPresent()) {
      actions.get().commit();
    }
  }

  /** Deletes what was written unless {@link #finish} was called. Calling it again does nothing. */
  @Override
  public synchronized void close() {
    video.close();
    actions.ifPresent(RecordedActions::close);
  }
}
