package dev.orrery.model.camera;

import java.util.Locale;

/**
 * Camera intrinsics without skew or distortion.
 *
 * @param focalX focal length along x in pixels
 * @param focalY focal length along y in pixels
 * @param centerX column of the principal point in pixels
 * @param centerY row of the principal point in pixels
 */
public record Intrinsics(double focalX, double focalY, double centerX, double centerY) {
  /** A thousandth of a pixel to a million: beyond that is a mistake, and fp32 may overflow. */
  private static final double MIN_PIXELS = 1e-3;

  private static final double MAX_PIXELS = 1e6;

  /**
   * @throws InvalidCameraException if a value is not between 0.001 and 1,000,000 pixels
   */
  public Intrinsics {
    requirePixels("focal length along x", focalX);
    requirePixels("focal length along y", focalY);
    requirePixels("principal point along x", centerX);
    requirePixels("principal point along y", centerY);
  }

  /** The focal length along x in widths of an image that has the principal point in the middle. */
  public double normalisedFocalX() {
    return focalX / (2 * centerX);
  }

  /** The focal length along y in heights of an image that has the principal point in the middle. */
  public double normalisedFocalY() {
    return focalY / (2 * centerY);
  }

  private static void requirePixels(String what, double pixels) {
    // Also catches NaN.
    if (!(pixels >= MIN_PIXELS && pixels <= MAX_PIXELS)) {
      throw new InvalidCameraException(
          String.format(
              Locale.ROOT,
              "%s: expected %s to %.0f pixels, found %s",
              what,
              MIN_PIXELS,
              MAX_PIXELS,
              pixels));
    }
  }
}
