package dev.orrery.runtime.media;

import java.io.IOException;

/** What was to be an image cannot be used. The message is one line that names the file. */
public final class UnreadableImageException extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableImageException(String name, String reason, Throwable cause) {
    super(name + ": " + reason, cause);
  }
}
