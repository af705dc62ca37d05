package dev.orrery.play.server;

import java.time.Duration;

/**
 * What a server bears. Tests are less patient than people.
 *
 * @param hello until a connection has to have said it
 * @param request until a request has to be complete
 * @param lost for how long a viewer whose connection was lost keeps number and keys
 * @param unwatched after which a world that nobody watches makes no more blocks
 * @param tick from one look at all this to the next
 * @param connections sockets at the same time
 */
record Limits(
    Duration hello,
    Duration request,
    Duration lost,
    Duration unwatched,
    Duration tick,
    int connections) {
  /** For people. */
  static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          64);

  /** Characters of a text message. */
  static final int TEXT_LENGTH = 64 << 10;

  /** Pieces of a message; a page sends whole ones. */
  static final int PIECES = 1000;

  /** Bytes that come in binary messages that nobody announced, before the connection is closed. */
  static final int UNANNOUNCED_BYTES = 1 << 20;

  /** Messages in a second that are answered. */
  static final int MESSAGES = 300;

  /** Messages in a second after which the connection is closed. */
  static final int FLOOD = 3000;
}
