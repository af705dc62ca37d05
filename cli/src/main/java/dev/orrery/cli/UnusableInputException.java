package dev.orrery.cli;

/** Something the user named cannot be used. The message is one line that says what and why. */
final class UnusableInputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnusableInputException(String message) {
    super(message);
  }

  UnusableInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
