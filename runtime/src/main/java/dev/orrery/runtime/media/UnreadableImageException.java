package dev.orrery.runtime.media;

import java.io.IOException;
import java.nio.file.Path;

/** A file that was to be an image cannot be used. The message is one line that names the file. */
public final class UnreadableImageException extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableImageException(Path file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }
}
