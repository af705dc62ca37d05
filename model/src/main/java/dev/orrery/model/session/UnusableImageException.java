package dev.orrery.model.session;

/** An image cannot be what a world starts from. The message is one line for the user. */
public final class UnusableImageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one line for the user
   */
  public UnusableImageException(String message) {
    super(message);
  }
}
