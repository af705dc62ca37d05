package dev.orrery.play;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.VideoFrames;
import java.io.IOException;
import java.util.List;

/**
 * Takes all blocks that are made while it is attached to a player. Called on the player's thread.
 */
@FunctionalInterface
public interface Recording {
  /**
   * A block was made.
   *
   * @param inputs one for each of its video frames
   * @param frames its video frames, in one or more pieces
   */
  void block(List<ActionInput> inputs, List<VideoFrames> frames) throws IOException;
}
