package dev.orrery.model.session;

import dev.orrery.runtime.media.RgbImage;
import java.util.Locale;

/**
 * What a model needs to start a world.
 *
 * @param minImages fewest images
 * @param maxImages most images
 * @param takesPrompt whether the world is described by a prompt, too; a model's folder may hold an
 *     encoded one that is taken when a start has none
 * @param width columns of a video frame
 * @param height rows of a video frame
 */
public record StartRequirements(
    int minImages, int maxImages, boolean takesPrompt, int width, int height) {
  /**
   * Of an image, the largest part that has the shape of the video is used. What is left of a
   * panorama of 8:1 or of a phone held upright passes; less of a picture says nothing of it.
   */
  private static final int LEAST_SHARE = 10;

  /** An icon of 32 pixels passes for a video of 1024; fewer pixels are no picture. */
  private static final int MOST_GROWTH = 32;

  /**
   * Requires that a start fits.
   *
   * @throws UnusableImageException if an image is too far from the shape of the video or too small
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
    start.images().forEach(this::check);
  }

  /**
   * Requires that an image can be cut and scaled to the frames of the video.
   *
   * @throws UnusableImageException if less than a tenth of the image has the shape of the video, or
   *     it would have to grow to more than 32 times its width
   */
  public void check(RgbImage image) {
    double across = (double) width / image.width();
    double down = (double) height / image.height();
    double growth = Math.max(across, down);
    if (growth > LEAST_SHARE * Math.min(across, down)) {
      throw refusal(image, "too far from the shape of", "; cut out the part to start from");
    }
    if (growth > MOST_GROWTH) {
      throw refusal(image, "too few for a video of", "");
    }
  }

  private UnusableImageException refusal(RgbImage image, String reason, String remedy) {
    return new UnusableImageException(
        String.format(
            Locale.ROOT,
            "start image: %dx%d pixels are %s %dx%d%s",
            image.width(),
            image.height(),
            reason,
            width,
            height,
            remedy));
  }
}
