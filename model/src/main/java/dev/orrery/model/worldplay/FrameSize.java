package dev.orrery.model.worldplay;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * The size of a video frame.
 *
 * @param height rows
 * @param width columns
 */
public record FrameSize(int height, int width) {
  /** Far beyond every released model; keeps the sizes of what is computed on the heap in an int. */
  private static final int MAX_PIXELS = 1 << 24;

  /**
   * Reads {@code resolution} of a model's settings.
   *
   * @param released what it is if it is missing
   * @param side rows and columns of a token, whose multiples they must be
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if it is no size
   */
  public static FrameSize read(JsonValue settings, FrameSize released, int side) {
    int[] size = settings.integers("resolution", released.height, released.width);
    boolean fits =
        size.length == 2
            && size[0] >= side
            && size[1] >= side
            && size[0] % side == 0
            && size[1] % side == 0
            && (long) size[0] * size[1] <= MAX_PIXELS;
    if (!fits) {
      throw settings
          .get("resolution")
          .unexpected(
              "[rows, columns], multiples of "
                  + side
                  + " and at most "
                  + MAX_PIXELS
                  + " pixels together");
    }
    return new FrameSize(size[0], size[1]);
  }
}
