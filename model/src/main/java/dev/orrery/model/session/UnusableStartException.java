package dev.orrery.model.session;

/** A world of the model cannot start from this. The message is one line for the user. */
public final class UnusableStartException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one line for the user
   */
  public UnusableStartException(String message) {
    super(message);
  }
}
