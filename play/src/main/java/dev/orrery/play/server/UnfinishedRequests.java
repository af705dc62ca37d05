package dev.orrery.play.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.websocket.core.WebSocketConnection;

/**
 * Ends connections whose request does not come to its end. A timeout of silence is not enough: one
 * who sends a byte now and then is never silent. There is one request in a connection.
 */
final class UnfinishedRequests implements Connection.Listener {
  private final long millis;
  private final Set<Connection> waiting = ConcurrentHashMap.newKeySet();

  /**
   * @param millis until a request has to be complete
   */
  UnfinishedRequests(long millis) {
    this.millis = millis;
  }

  @Override
  public void onOpened(Connection connection) {
    if (!(connection instanceof WebSocketConnection)) {
      waiting.add(connection);
    }
  }

  @Override
  public void onClosed(Connection connection) {
    waiting.remove(connection);
  }

  /** Looks at the time. */
  void tick() {
    long now = System.currentTimeMillis();
    for (Connection connection : waiting) {
      if (connection.getMessagesIn() > 0) {
        waiting.remove(connection);
      } else if (now - connection.getCreatedTimeStamp() > millis) {
        connection.getEndPoint().close();
      }
    }
  }
}
