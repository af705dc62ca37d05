package dev.orrery.runtime.files;

import java.io.IOException;

/** A file that should hold a text does not; the message says why, without the file's name. */
public final class NotTextException extends IOException {
  private static final long serialVersionUID = 1;

  NotTextException(String message) {
    super(message);
  }
}
