package dev.orrery.play;

/**
 * Told what a player does. Called on the player's thread, which makes nothing meanwhile: to be
 * answered quickly.
 */
public interface PlayerListener {
  /** Tells nobody. */
  PlayerListener NONE = new PlayerListener() {};

  /**
   * A world is being started or read, which takes a while.
   *
   * @param stage what is done, as a user would say it
   * @param done parts done
   * @param total parts in all
   */
  default void preparing(String stage, int done, int total) {}

  /** Something about the player has changed. */
  default void stateChanged(PlayerState state) {}

  /** A block was made; its frames may still be waiting to be shown. */
  default void blockMade(BlockMade block) {}

  /**
   * Something did not work, and the world goes on.
   *
   * @param reason one line for people
   */
  default void trouble(String reason) {}

  /**
   * The world cannot go on; the player makes no more blocks.
   *
   * @param reason one line for people
   */
  default void failed(String reason) {}
}
