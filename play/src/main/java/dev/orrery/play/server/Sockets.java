package dev.orrery.play.server;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.websocket.api.StatusCode;

/** All connections: how many there are, and which of them have to be ended. */
final class Sockets {
  private final Limits limits;
  private final Traffic traffic;
  private final Rooms rooms;
  private final Set<ViewerSocket> open = ConcurrentHashMap.newKeySet();

  /** Were told to close when, and may not do so. */
  private final Map<ViewerSocket, Long> closing = new ConcurrentHashMap<>();

  Sockets(Limits limits, Traffic traffic, Rooms rooms) {
    this.limits = limits;
    this.traffic = traffic;
    this.rooms = rooms;
  }

  /** A connection more; empty if there are too many. */
  synchronized Optional<ViewerSocket> add() {
    if (open.size() >= limits.connections()) {
      return Optional.empty();
    }
    ViewerSocket socket = new ViewerSocket(this, traffic);
    open.add(socket);
    return Optional.of(socket);
  }

  /** Connections now. */
  int count() {
    return open.size();
  }

  /** Somebody says who he is and what he wants to watch. */
  void hello(ViewerSocket socket, ViewerMessage.Hello hello) {
    rooms.join(socket, hello);
  }

  /** A connection was told to close. */
  void closing(ViewerSocket socket) {
    closing.putIfAbsent(socket, System.nanoTime());
  }

  /** A connection is gone. */
  void gone(ViewerSocket socket) {
    open.remove(socket);
    closing.remove(socket);
  }

  /** Ends those that have not said hello in time, and those that do not end by themselves. */
  void tick(long now) {
    closing.forEach(
        (socket, told) -> {
          if (now - told > limits.request().toNanos()) {
            socket.disconnect();
            gone(socket);
          }
        });
    long since = now - limits.hello().toNanos();
    for (ViewerSocket socket : open) {
      if (socket.isSilentSince(since)) {
        socket.close(CloseCode.POLICY, "expected hello");
      }
    }
  }

  /** Ends all. */
  void close() {
    open.forEach(socket -> socket.close(StatusCode.SHUTDOWN, "the program ends"));
  }
}
