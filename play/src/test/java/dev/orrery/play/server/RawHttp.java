package dev.orrery.play.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Requests that no client would send, byte for byte. */
final class RawHttp {
  private static final int PATIENCE_MILLIS = 20_000;

  private RawHttp() {}

  /**
   * What came back.
   *
   * @param status 0 if the connection was closed without an answer
   * @param text all of it, head included
   */
  record Answer(int status, String text) {}

  /** Connects to a server. */
  static Socket connect(PlayServer server) throws IOException {
    Socket socket = new Socket();
    // As small as the system makes it, so that one who does not read is noticed soon.
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress("127.0.0.1", server.address().getPort()));
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** Sends a request and reads until the server closes. */
  static Answer ask(PlayServer server, String request) throws IOException {
    try (Socket socket = connect(server)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return read(socket);
    }
  }

  /** Asks for a path, as clients do. */
  static Answer get(PlayServer server, String path) throws IOException {
    return ask(server, "GET " + path + " HTTP/1.1\r\n" + host(server) + "\r\n");
  }

  /** The line that names the server. */
  static String host(PlayServer server) {
    return "Host: " + server.address().getAuthority() + "\r\n";
  }

  /** All that comes until the server closes. */
  static Answer read(Socket socket) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(bytes);
    } catch (java.net.SocketException e) {
      // Closed while it was still being spoken to.
    }
    return answer(bytes.toString(StandardCharsets.ISO_8859_1));
  }

  /** The head of what comes. */
  static Answer readHead(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return answer(head.toString());
  }

  private static Answer answer(String text) {
    return new Answer(
        text.startsWith("HTTP/1.1 ") ? Integer.parseInt(text.substring(9, 12)) : 0, text);
  }

  /** A handshake for the socket. */
  static String handshake(String path, String host, String origin) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: "
        + host
        + "\r\n"
        + (origin == null ? "" : "Origin: " + origin + "\r\n")
        + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        + "Sec-WebSocket-Key: "
        + Base64.getEncoder().encodeToString(new byte[16])
        + "\r\n\r\n";
  }

  /** A handshake as the page's own. */
  static String handshake(PlayServer server) {
    URI address = server.address();
    return handshake("/socket", address.getAuthority(), "http://" + address.getAuthority());
  }

  /** A text message as a frame, masked with zeros. */
  static byte[] textFrame(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 125) {
      throw new IllegalArgumentException("expected a short text");
    }
    return ByteBuffer.allocate(6 + bytes.length)
        .put((byte) 0x81)
        .put((byte) (0x80 | bytes.length))
        .putInt(0)
        .put(bytes)
        .array();
  }
}
