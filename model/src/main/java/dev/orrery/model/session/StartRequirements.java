package dev.orrery.model.session;

/**
 * What a model needs to start a world.
 *
 * @param minImages fewest images
 * @param maxImages most images
 * @param takesPrompt whether the world is described by a prompt, too; a model's folder may hold an
 *     encoded one that is taken when a start has none
 */
public record StartRequirements(int minImages, int maxImages, boolean takesPrompt) {
  /**
   * Requires that a start fits.
   *
   * @throws IllegalArgumentException saying what was expected and found
   */
  public void check(Start start) {
    int images = start.images().size();
    if (images < minImages || images > maxImages) {
      String expected = minImages == maxImages ? "" + minImages : minImages + " to " + maxImages;
      throw new IllegalArgumentException(
          "start: expected " + expected + " images, found " + images);
    }
    if (!takesPrompt && start.prompt().isPresent()) {
      throw new IllegalArgumentException("start: expected no prompt, found one");
    }
  }
}
