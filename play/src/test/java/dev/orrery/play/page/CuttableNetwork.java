package dev.orrery.play.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to a server that can be cut: then nothing comes through and nobody is told, as with a cable
 * that is pulled.
 */
final class CuttableNetwork implements AutoCloseable {
  private static final int BUFFER = 16 << 10;

  private final URI server;
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new ArrayList<>();
  private boolean cut;

  CuttableNetwork(URI server) throws IOException {
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  /** Where the server is found through it. */
  URI address() {
    return URI.create("http://" + authority() + "/");
  }

  private String authority() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** Nothing comes through any more. */
  synchronized void cut() {
    cut = true;
  }

  /** New connections come through again; those that were cut are lost. */
  synchronized void mend() {
    cut = false;
    sockets.forEach(CuttableNetwork::close);
    sockets.clear();
  }

  private synchronized boolean isCut() {
    return cut;
  }

  private void accept() {
    try {
      while (true) {
        Socket near = keep(listener.accept());
        if (!isCut()) {
          Socket far = keep(new Socket(server.getHost(), server.getPort()));
          Thread.ofVirtual().start(() -> request(near, far));
          Thread.ofVirtual().start(() -> pump(far, near));
        }
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  private synchronized Socket keep(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  /** The server knows its own name alone. */
  private void request(Socket near, Socket far) {
    try {
      String head = head(near.getInputStream()).replace(authority(), server.getAuthority());
      far.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      pump(near, far);
    } catch (IOException e) {
      close(near);
      close(far);
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    String text = "";
    while (!text.endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("it ended before its head did");
      }
      head.write(next);
      text = head.toString(StandardCharsets.ISO_8859_1);
    }
    return text;
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (!isCut()) {
          out.write(buffer, 0, read);
        }
      }
    } catch (IOException e) {
      // One of them is closed; so is the other.
    }
    if (!isCut()) {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone anyway.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    mend();
  }
}
