package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.InvalidCameraException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Where the camera of a session was in each latent frame so far, and its action classes. */
public final class PlayedPath {
  private final List<Camera> cameras = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();

  /** Latent frames. */
  public int frames() {
    return cameras.size();
  }

  /** All cameras, as long as the path does not change. */
  public List<Camera> cameras() {
    return Collections.unmodifiableList(cameras);
  }

  /** The action class of a latent frame, see {@link ActionLabels}. */
  public int label(int frame) {
    return labels.get(frame);
  }

  /**
   * Adds the camera of the next latent frame.
   *
   * @throws InvalidCameraException if there are {@value CameraPath#MAX_FRAMES} already
   */
  public void add(Camera camera) {
    if (cameras.size() == CameraPath.MAX_FRAMES) {
      throw new InvalidCameraException(
          "camera path: expected at most " + CameraPath.MAX_FRAMES + " poses");
    }
    labels.add(
        cameras.isEmpty()
            ? 0
            : ActionLabels.of(cameras.getLast().worldFromCamera(), camera.worldFromCamera()));
    cameras.add(camera);
  }

  /** Forgets all latent frames but the first ones. */
  void shorten(int frames) {
    cameras.subList(frames, cameras.size()).clear();
    labels.subList(frames, labels.size()).clear();
  }
}
