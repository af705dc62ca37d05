package dev.orrery.play.server;

import dev.orrery.play.PlayerOptions;

/**
 * How a server works.
 *
 * @param host name or address to listen at; others than those of the own machine's loopback need a
 *     token, which is part of {@link PlayServer#address}
 * @param port to listen at; 0 for any that is free
 * @param sessions worlds at the same time, at most
 * @param player how each of them is played
 */
public record ServerOptions(String host, int port, int sessions, PlayerOptions player) {
  /** One world, for this machine alone. */
  public static final ServerOptions DEFAULT =
      new ServerOptions("127.0.0.1", 0, 1, PlayerOptions.DEFAULT);

  /** Checks the numbers. */
  public ServerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
    }
    if (sessions < 1) {
      throw new IllegalArgumentException("sessions: expected at least 1, found " + sessions);
    }
  }
}
