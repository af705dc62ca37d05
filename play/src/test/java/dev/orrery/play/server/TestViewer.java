package dev.orrery.play.server;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A viewer as a program: speaks the protocol and nothing of the server's own code. */
final class TestViewer implements WebSocket.Listener, AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final BlockingQueue<JsonValue> messages = new LinkedBlockingQueue<>();
  private final BlockingQueue<Shown> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final boolean reads;
  private final StringBuilder text = new StringBuilder();
  private ByteBuffer binary = ByteBuffer.allocate(0);
  private WebSocket socket;
  private JsonValue welcome;

  /** A frame that came. */
  record Shown(int start, int block, int index, double time, float rate, byte[] jpeg) {}

  private TestViewer(boolean reads) {
    this.reads = reads;
  }

  /** Connects and says nothing. */
  static TestViewer silent(PlayServer server) {
    return connect(server.address(), true);
  }

  /** Connects and watches the world that runs. */
  static TestViewer watching(PlayServer server) {
    return hello(server, "", "");
  }

  /** Connects, and is welcome before this returns: who comes later is another viewer. */
  static TestViewer seated(PlayServer server) {
    TestViewer viewer = watching(server);
    viewer.welcome = viewer.await("welcome");
    return viewer;
  }

  /** What a seated viewer was told at once. */
  JsonValue welcome() {
    return welcome;
  }

  /** Connects and says hello. */
  static TestViewer hello(PlayServer server, String session, String secret) {
    TestViewer viewer = silent(server);
    viewer.sendHello(session, secret);
    return viewer;
  }

  /** Connects, says hello and reads nothing. */
  static TestViewer blind(PlayServer server) {
    TestViewer viewer = connect(server.address(), false);
    viewer.sendHello("", "");
    return viewer;
  }

  private static TestViewer connect(URI address, boolean reads) {
    TestViewer viewer = new TestViewer(reads);
    String authority = address.getAuthority();
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    viewer.socket =
        CLIENT
            .newWebSocketBuilder()
            .header("Origin", "http://" + authority)
            .buildAsync(URI.create("ws://" + authority + "/socket" + query), viewer)
            .join();
    return viewer;
  }

  void sendHello(String session, String secret) {
    send(
        "{\"type\":\"hello\",\"version\":1,\"session\":\""
            + session
            + "\",\"viewer\":\""
            + secret
            + "\"}");
  }

  /** Sends a text message. */
  void send(String message) {
    socket.sendText(message, true).join();
  }

  /** Sends a part of a text message. */
  void sendPart(String part, boolean last) {
    socket.sendText(part, last).join();
  }

  /** Sends a binary message. */
  void send(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  /** Announces a file and sends it. */
  void upload(String kind, byte[] bytes) {
    send("{\"type\":\"upload\",\"kind\":\"" + kind + "\",\"bytes\":" + bytes.length + "}");
    send(bytes);
  }

  /** Holds keys. */
  void hold(double time, String... keys) {
    String held = keys.length == 0 ? "" : "\"" + String.join("\",\"", keys) + "\"";
    send("{\"type\":\"keys\",\"held\":[" + held + "],\"time\":" + time + "}");
  }

  /** The next message of a type; others before it are passed over. */
  JsonValue await(String type) {
    return await(type, message -> true);
  }

  /** The next message of one of some types; others before it are passed over. */
  JsonValue awaitAny(String... types) {
    return awaitAs(
        String.join(" or ", types), message -> List.of(types).contains(message.string("type")));
  }

  /** The next message that is as wanted; others before it are passed over. */
  JsonValue awaitAny(Predicate<JsonValue> wanted) {
    return awaitAs("a certain message", wanted);
  }

  /** The next message of a type that is as wanted; others before it are passed over. */
  JsonValue await(String type, Predicate<JsonValue> wanted) {
    return awaitAs(type, message -> message.string("type").equals(type) && wanted.test(message));
  }

  private JsonValue awaitAs(String what, Predicate<JsonValue> wanted) {
    List<String> passed = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (System.nanoTime() - end < 0) {
        JsonValue message = messages.poll(100, TimeUnit.MILLISECONDS);
        if (message == null) {
          continue;
        }
        if (wanted.test(message)) {
          return message;
        }
        passed.add(message.string("type") + " " + message.string("reason", ""));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError("expected " + what + ", found " + passed);
  }

  /** The reason of the next error. */
  String awaitError() {
    return await("error").string("reason");
  }

  /** The next frame. */
  Shown awaitFrame() {
    return awaitFrame(frame -> true);
  }

  /** The next frame that is as wanted; others before it are passed over. */
  Shown awaitFrame(Predicate<Shown> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    int passed = 0;
    try {
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        Shown frame = frames.poll(left, TimeUnit.NANOSECONDS);
        if (frame != null && wanted.test(frame)) {
          return frame;
        }
        passed += frame == null ? 0 : 1;
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("expected a frame, found " + passed + " others; closed: " + closed);
  }

  /** Frames that have come and were not awaited. */
  int frames() {
    return frames.size();
  }

  /** Forgets what has come. */
  void forget() {
    frames.clear();
    messages.clear();
  }

  /** Messages that have come and were not awaited, by type. */
  Map<String, Long> messages() {
    return messages.stream()
        .collect(
            java.util.stream.Collectors.groupingBy(
                message -> message.string("type"), java.util.stream.Collectors.counting()));
  }

  /** The code that the server closed with. */
  int awaitClose() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  boolean isClosed() {
    return closed.isDone();
  }

  /** The connection breaks. */
  void lose() {
    socket.abort();
  }

  @Override
  public void onOpen(WebSocket opened) {
    if (reads) {
      opened.request(1);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      messages.add(JsonValue.parse("server", text.toString().getBytes(StandardCharsets.UTF_8)));
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
    ByteBuffer both = ByteBuffer.allocate(binary.remaining() + part.remaining());
    binary = both.put(binary).put(part).flip();
    if (last) {
      frames.add(shown(binary));
      binary = ByteBuffer.allocate(0);
    }
    from.request(1);
    return null;
  }

  private static Shown shown(ByteBuffer bytes) {
    if (bytes.get() != 1 || bytes.get() != 0 || bytes.getShort() != 0) {
      throw new AssertionError("no frame of version 1");
    }
    int start = bytes.getInt();
    int block = bytes.getInt();
    int index = bytes.getInt();
    double time = bytes.getDouble();
    float rate = bytes.getFloat();
    bytes.getInt();
    byte[] jpeg = new byte[bytes.remaining()];
    bytes.get(jpeg);
    return new Shown(start, block, index, time, rate, jpeg);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
