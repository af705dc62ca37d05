package dev.orrery.weights.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response, handed out piece by piece. The time-out of the HTTP client ends with the
 * status line; this one holds for every piece, so that a connection that died silently is noticed.
 */
final class TimedBody implements BodySubscriber<TimedBody>, AutoCloseable {
  /** Pieces of some 16 KiB that may wait to be read, so that network and disk overlap. */
  private static final int PIECES_AHEAD = 32;

  /** What the connection delivers: some bytes, and at last a failure or nothing. */
  private record Piece(List<ByteBuffer> bytes, Throwable failure) {}

  private final Duration timeout;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private Subscription subscription;
  private boolean closed;

  TimedBody(Duration timeout) {
    this.timeout = timeout;
  }

  @Override
  public CompletionStage<TimedBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public synchronized void onSubscribe(Subscription source) {
    subscription = source;
    if (closed) {
      source.cancel();
    } else {
      source.request(PIECES_AHEAD);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    pieces.add(new Piece(bytes, null));
  }

  @Override
  public void onError(Throwable failure) {
    pieces.add(new Piece(List.of(), failure));
  }

  @Override
  public void onComplete() {
    pieces.add(new Piece(List.of(), null));
  }

  /**
   * The next bytes; an empty list at the end.
   *
   * @throws IOException if the connection failed or nothing came for too long
   */
  List<ByteBuffer> next() throws IOException, InterruptedException {
    Piece piece = pieces.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (piece == null) {
      throw new HttpTimeoutException("no data for " + timeout.toSeconds() + " s");
    }
    if (piece.failure() != null) {
      throw new IOException("connection lost: " + piece.failure().getMessage(), piece.failure());
    }
    if (!piece.bytes().isEmpty()) {
      subscription.request(1);
    }
    return piece.bytes();
  }

  /**
   * The whole body, which must not be larger than some limit.
   *
   * @param subject whose body it is, for the message
   */
  byte[] all(int limit, String subject) throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (List<ByteBuffer> bytes = next(); !bytes.isEmpty(); bytes = next()) {
      for (ByteBuffer buffer : bytes) {
        if (buffer.remaining() > limit - all.size()) {
          throw new HubException(subject, "expected a response of at most " + limit + " bytes");
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        all.write(copy);
      }
    }
    return all.toByteArray();
  }

  /** Ends the connection unless all was received. */
  @Override
  public synchronized void close() {
    closed = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
