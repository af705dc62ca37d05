package dev.orrery.model.camera;

import java.util.List;
import java.util.Locale;

/**
 * The cameras of a rollout, one for each latent frame.
 *
 * @param cameras at least one
 */
public record CameraPath(List<Camera> cameras) {
  /** Some seven hours of video at 16 frames a second. */
  public static final int MAX_FRAMES = 100_000;

  /**
   * @throws InvalidCameraException if there is no camera, or more than {@value #MAX_FRAMES}
   */
  public CameraPath {
    if (cameras.isEmpty() || cameras.size() > MAX_FRAMES) {
      throw new InvalidCameraException(
          String.format(
              Locale.ROOT,
              "camera path: expected 1 to %d poses, found %d",
              MAX_FRAMES,
              cameras.size()));
    }
    cameras = List.copyOf(cameras);
  }

  /** Latent frames. */
  public int frames() {
    return cameras.size();
  }

  /** The camera of a latent frame. */
  public Camera at(int frame) {
    return cameras.get(frame);
  }

  /**
   * The beginning of this path.
   *
   * @throws InvalidCameraException if the path is shorter
   */
  public CameraPath first(int frames) {
    if (frames > frames()) {
      throw new InvalidCameraException(
          String.format(
              Locale.ROOT, "camera path: expected at least %d poses, found %d", frames, frames()));
    }
    return new CameraPath(cameras.subList(0, frames));
  }
}
