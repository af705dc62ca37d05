package dev.orrery.play.server;

import java.util.List;

/** What a viewer says, one record for each type of the protocol. All values are checked. */
sealed interface ViewerMessage {
  /**
   * The first message.
   *
   * @param session empty, {@code new} or the name of one
   * @param viewer the secret of a viewer whose connection was lost, or empty
   */
  record Hello(String session, String viewer) implements ViewerMessage {}

  /** These keys are held. */
  record Keys(List<String> held, double time) implements ViewerMessage {}

  /** The mouse was moved. */
  record Look(double right, double up, double time) implements ViewerMessage {}

  /** No more blocks, or blocks again. */
  record Pause(boolean on) implements ViewerMessage {}

  /** One block. */
  record Single() implements ViewerMessage {}

  /** Another world. */
  record Begin(long seed, String prompt, Picture image) implements ViewerMessage {}

  /** Where a world's images come from. */
  enum Picture {
    /** From where those of the world that runs come. */
    SAME,
    /** From the model's folder, or what the program was started with. */
    MODEL,
    /** From a viewer. */
    UPLOADED
  }

  /** The next binary message has that many bytes. */
  record Upload(FileKind kind, long bytes) implements ViewerMessage {}

  /** Back to where a block began. */
  record Back(int block) implements ViewerMessage {}

  /** Frames and actions are kept from now on, or no longer. */
  record Record(boolean on) implements ViewerMessage {}

  /** The session as a file. */
  record Save() implements ViewerMessage {}

  /** Who watches wants to steer. */
  record Ask() implements ViewerMessage {}

  /** What the one who steers says to that. */
  record Answer(int viewer, boolean give) implements ViewerMessage {}
}
