package dev.orrery.model.camera;

/**
 * A camera, or a text that describes its path, cannot be used. The message is one line; for a text
 * it names the position.
 */
public final class InvalidCameraException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one line for the user
   */
  public InvalidCameraException(String message) {
    super(message);
  }
}
