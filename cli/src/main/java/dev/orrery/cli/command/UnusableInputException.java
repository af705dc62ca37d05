package dev.orrery.cli.command;

/** Something the user named cannot be used. The message is one line that says what and why. */
public final class UnusableInputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message the line
   */
  public UnusableInputException(String message) {
    super(message);
  }

  /** As {@link #UnusableInputException(String)}, with the failure that led to it. */
  public UnusableInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
