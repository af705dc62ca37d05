package dev.orrery.play.server;

import dev.orrery.play.Frame;
import dev.orrery.play.FrameHub;
import dev.orrery.play.server.Outbox.Kind;
import dev.orrery.play.server.Seats.Seat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * A viewer's connection; public because Jetty looks for its methods. Takes messages in pieces, so
 * that nothing that is sent without end is kept without end.
 */
public final class ViewerSocket implements Session.Listener.AutoDemanding {
  private final Sockets sockets;
  private final Traffic traffic;
  private final Outbox outbox = new Outbox(this::send);
  private final MessageRate rate = new MessageRate();
  private final long opened = System.nanoTime();

  private volatile Session session;
  private volatile boolean closed;
  private volatile Room room;
  private Seat<ViewerSocket> seat;
  private FrameHub.Subscription frames;

  // Of the message that is coming; Jetty gives one piece after the other.
  private StringBuilder text = new StringBuilder();
  private int pieces;
  private Upload upload;
  private long unannounced;

  /**
   * @param sockets knows all connections
   */
  ViewerSocket(Sockets sockets, Traffic traffic) {
    this.sockets = sockets;
    this.traffic = traffic;
  }

  /** Called by {@link Room#join}, which holds its lock. */
  void sits(Room where, Seat<ViewerSocket> place, FrameHub hub) {
    seat = place;
    room = where;
    frames = hub.subscribe(this::show);
  }

  /** Where the viewer sits. */
  Seat<ViewerSocket> seat() {
    return seat;
  }

  /** Called by {@link Room#left}, which holds its lock. */
  void stands() {
    traffic.dropped.add(frames.dropped());
    frames.close();
  }

  /** Whether nothing can be sent any more. */
  boolean isClosed() {
    return closed;
  }

  /** Frames that the viewer was too slow for. */
  long droppedFrames() {
    return frames.dropped();
  }

  /** Whether it has neither said hello nor gone since a point in time. */
  boolean isSilentSince(long time) {
    return room == null && opened - time < 0;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
  }

  @Override
  public void onWebSocketPartialText(String piece, boolean last) {
    if (closed) {
      return;
    }
    if (++pieces > Limits.PIECES) {
      close(CloseCode.POLICY, "too many pieces");
      return;
    }
    if (text.length() + piece.length() > Limits.TEXT_LENGTH) {
      close(CloseCode.TOO_LARGE, "text longer than " + Limits.TEXT_LENGTH);
      return;
    }
    text.append(piece);
    if (last) {
      String message = text.toString();
      text = new StringBuilder();
      pieces = 0;
      message(message);
    }
  }

  private void message(String message) {
    traffic.messages.increment();
    switch (rate.came(System.nanoTime())) {
      case FLOOD -> close(CloseCode.POLICY, "too many messages");
      case FIRST_TOO_MANY ->
          error("more than " + Limits.MESSAGES + " messages in a second: the others are lost");
      case TOO_MANY -> {}
      case FINE -> attempt(() -> understood(MessageReader.read(message)));
    }
  }

  private void understood(ViewerMessage message) {
    if (room != null) {
      if (message instanceof ViewerMessage.Hello) {
        throw new BadMessageException("hello: expected once, found again");
      }
      room.message(this, message);
    } else if (message instanceof ViewerMessage.Hello hello) {
      sockets.hello(this, hello);
    } else {
      throw new BadMessageException("expected hello first");
    }
  }

  /** Does something that a viewer wants; what cannot be done is answered. */
  void attempt(Runnable wanted) {
    try {
      wanted.run();
    } catch (RuntimeException e) {
      error(Reasons.of(e));
    }
  }

  /** The next binary message is this. */
  void expect(Upload announced) {
    abandonUpload();
    upload = announced;
  }

  private void abandonUpload() {
    if (upload != null) {
      upload.close();
      upload = null;
    }
  }

  @Override
  public void onWebSocketPartialBinary(ByteBuffer piece, boolean last, Callback callback) {
    try {
      if (!closed) {
        attempt(() -> binary(piece, last));
      }
    } finally {
      callback.succeed();
    }
  }

  private void binary(ByteBuffer piece, boolean last) {
    if (upload == null) {
      unannounced += piece.remaining();
      if (unannounced > Limits.UNANNOUNCED_BYTES) {
        close(CloseCode.TOO_LARGE, "nothing was announced");
      } else if (last) {
        throw new BadMessageException("a binary message: expected upload before it, found none");
      }
      return;
    }
    try {
      if (!upload.append(piece)) {
        abandonUpload();
        close(CloseCode.TOO_LARGE, "more bytes than were announced");
        return;
      }
      if (last) {
        complete();
      }
    } catch (IOException e) {
      abandonUpload();
      throw new BadMessageException("upload: it cannot be kept: " + Reasons.of(e));
    }
  }

  private void complete() throws IOException {
    Upload complete = upload;
    upload = null;
    try {
      complete.complete();
    } catch (BadMessageException | IOException e) {
      complete.close();
      throw e;
    }
    room.uploaded(this, complete);
  }

  /** Puts a message into the box; {@link #flush} sends it. */
  void put(Kind kind, String message) {
    if (!closed && !outbox.put(kind, message)) {
      close(CloseCode.NOT_READING, "nothing is read");
    }
  }

  /** Sends what is in the box. */
  void flush() {
    outbox.flush();
  }

  /** Sends an answer. */
  void answer(String message) {
    put(Kind.ANSWER, message);
    flush();
  }

  /** Answers that something cannot be done. */
  void error(String reason) {
    traffic.errors.increment();
    answer(ServerMessages.error(reason));
  }

  private void send(String message, Consumer<Boolean> sent) {
    session.sendText(
        message, Callback.from(() -> sent.accept(true), failure -> sent.accept(false)));
  }

  private void show(Frame frame, Runnable done) {
    ByteBuffer packet = room.packet(frame);
    int bytes = packet.remaining();
    session.sendBinary(
        packet,
        Callback.from(
            () -> {
              traffic.frames.increment();
              traffic.frameBytes.add(bytes);
              done.run();
            },
            // The connection is gone, and nothing is shown any more.
            failure -> {}));
  }

  /** The viewer has come back on another connection. */
  void replaced() {
    close(CloseCode.REPLACED, "connected again");
  }

  /** Ends the connection. What comes still is not looked at. */
  void close(int code, String reason) {
    closed = true;
    sockets.closing(this);
    Session now = session;
    if (now != null) {
      now.close(code, reason, Callback.NOOP);
    }
  }

  /** Ends a connection that does not answer. */
  void disconnect() {
    Session now = session;
    if (now != null) {
      now.disconnect();
    }
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    // Closing follows.
    traffic.errors.increment();
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    closed = true;
    sockets.gone(this);
    abandonUpload();
    if (room != null) {
      room.left(this);
    }
    callback.succeed();
  }
}
