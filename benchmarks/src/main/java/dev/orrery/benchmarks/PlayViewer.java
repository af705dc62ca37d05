package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A viewer of a played world who steers it; speaks {@code docs/play-protocol.md}. */
final class PlayViewer implements PlayLatency.Keyboard, WebSocket.Listener, AutoCloseable {
  private static final int FRAME_AT = 12;
  private static final int TIME_AT = 16;

  private final HttpClient client = HttpClient.newHttpClient();
  private final BlockingQueue<Double> answers = new LinkedBlockingQueue<>();
  private final List<Double> making = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch ready = new CountDownLatch(1);
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
  private WebSocket socket;

  private PlayViewer() {}

  /** Connects, and waits until the world plays. */
  static PlayViewer connect(URI page) throws InterruptedException {
    PlayViewer viewer = new PlayViewer();
    String origin = "http://" + page.getAuthority();
    viewer.socket =
        viewer
            .client
            .newWebSocketBuilder()
            .header("Origin", origin)
            .buildAsync(URI.create("ws://" + page.getAuthority() + "/socket"), viewer)
            .join();
    viewer.send("{\"type\": \"hello\", \"version\": 1, \"session\": \"\", \"viewer\": \"\"}");
    PlayLatency.require(viewer.ready.await(60, TimeUnit.SECONDS));
    return viewer;
  }

  /** The time of the input of each block, when its first frame comes. */
  BlockingQueue<Double> answers() {
    return answers;
  }

  /** What blocks took to make, in milliseconds, as far as the server told. */
  List<Double> making() {
    return making;
  }

  @Override
  public void hold(String key, double time) {
    send(
        String.format(
            Locale.ROOT, "{\"type\": \"keys\", \"held\": [\"%s\"], \"time\": %s}", key, time));
  }

  private void send(String message) {
    socket.sendText(message, true).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      JsonValue message =
          JsonValue.parse("the server", text.toString().getBytes(StandardCharsets.UTF_8));
      text.setLength(0);
      switch (message.string("type")) {
        case "state" -> {
          if (message.bool("ready")) {
            ready.countDown();
          }
        }
        case "status" ->
            making.add(
                message.number("passes")
                    + message.number("decoding")
                    + message.number("completing"));
        default -> {}
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    binary.writeBytes(bytes);
    if (last) {
      ByteBuffer frame = ByteBuffer.wrap(binary.toByteArray());
      binary.reset();
      if (frame.getInt(FRAME_AT) == 0) {
        answers.add(frame.getDouble(TIME_AT));
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    socket.abort();
    client.close();
  }
}
