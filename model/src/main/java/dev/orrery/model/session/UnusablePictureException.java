package dev.orrery.model.session;

/** A picture cannot be what a world starts from. The message is one line for the user. */
public final class UnusablePictureException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one line for the user
   */
  public UnusablePictureException(String message) {
    super(message);
  }
}
