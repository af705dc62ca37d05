package dev.orrery.play;

/** Somebody who watches. */
@FunctionalInterface
public interface FrameSink {
  /**
   * Takes a frame, and returns at once.
   *
   * @param frame the frame
   * @param done to be called once, by any thread, when the next one can be taken. Of the frames
   *     that come before, only the newest is kept
   */
  void accept(Frame frame, Runnable done);
}
