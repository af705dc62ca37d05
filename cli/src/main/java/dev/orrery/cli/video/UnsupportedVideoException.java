package dev.orrery.cli.video;

import java.io.IOException;

/**
 * A kind or size of video that cannot be written. The message is one line that names the output.
 */
public final class UnsupportedVideoException extends IOException {
  private static final long serialVersionUID = 1L;

  UnsupportedVideoException(String message) {
    super(message);
  }
}
