package dev.orrery.play.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** Answers requests: the page, files, numbers, and the way to the socket. */
final class WebHandler extends Handler.Abstract {
  private static final String SOCKET = "/socket";
  private static final String FILES = "/file/";
  private static final String HEALTH = "/health";
  private static final String METRICS = "/metrics";
  private static final String PAGE = "/";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final ServerParts parts;
  private final Rooms rooms;
  private final Sockets sockets;
  private final ServerWebSocketContainer container;

  WebHandler(ServerParts parts, Rooms rooms, Sockets sockets, ServerWebSocketContainer container) {
    this.parts = parts;
    this.rooms = rooms;
    this.sockets = sockets;
    this.container = container;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String host = request.getHeaders().get(HttpHeader.HOST);
    Exchange exchange = new Exchange(request, response, callback);
    if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      refuse(exchange, HttpStatus.METHOD_NOT_ALLOWED_405, "expected GET or HEAD");
      return true;
    }
    if (!parts.admission().isOwnHost(host)) {
      secure(response, "");
      refuse(exchange, HttpStatus.FORBIDDEN_403, "this is not a name of this server");
      return true;
    }
    secure(response, host);
    // As it was sent: what is encoded is none of the paths.
    String path = String.valueOf(request.getHttpURI().getPath());
    if (isGuarded(path) && !parts.admission().hasToken(request.getHttpURI().getQuery())) {
      refuse(exchange, HttpStatus.FORBIDDEN_403, "the address needs its token");
      return true;
    }
    switch (path) {
      case SOCKET -> socket(exchange, host);
      case HEALTH -> health(exchange);
      case METRICS ->
          exchange.text(HttpStatus.OK_200, Metrics.text(parts, rooms.all(), sockets.count()));
      default -> {
        if (path.startsWith(FILES)) {
          download(exchange, path);
        } else {
          page(exchange, path);
        }
      }
    }
    return true;
  }

  /** The files of the page have no secrets, and find each other without a token. */
  private static boolean isGuarded(String path) {
    return path.equals(PAGE)
        || path.equals(SOCKET)
        || path.equals(HEALTH)
        || path.equals(METRICS)
        || path.startsWith(FILES);
  }

  private static void secure(Response response, String host) {
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob: data:; connect-src 'self'"
            + (host.isEmpty() ? "" : " ws://" + host)
            + "; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
  }

  private void refuse(Exchange exchange, int status, String reason) {
    parts.traffic().refused.increment();
    exchange.text(status, reason + "\n");
  }

  private void socket(Exchange exchange, String host) {
    String origin = exchange.request().getHeaders().get(HttpHeader.ORIGIN);
    if (!parts.admission().isOwnOrigin(origin, host)) {
      refuse(exchange, HttpStatus.FORBIDDEN_403, "expected the Origin of this server's page");
      return;
    }
    boolean[] full = {false};
    boolean upgraded =
        container.upgrade(
            (request, response, callback) -> {
              response.setExtensions(List.of());
              Optional<ViewerSocket> socket = sockets.add();
              if (socket.isEmpty()) {
                full[0] = true;
                parts.traffic().refused.increment();
                Response.writeError(
                    request, response, callback, HttpStatus.SERVICE_UNAVAILABLE_503);
              }
              return socket.orElse(null);
            },
            exchange.request(),
            exchange.response(),
            exchange.callback());
    if (!upgraded) {
      exchange.response().getHeaders().put(HttpHeader.UPGRADE, "websocket");
      refuse(exchange, HttpStatus.UPGRADE_REQUIRED_426, "expected a WebSocket handshake");
    }
  }

  private void health(Exchange exchange) {
    boolean ready =
        rooms
            .first()
            .map(Room::ready)
            .filter(it -> it.isDone() && !it.isCompletedExceptionally())
            .isPresent();
    if (ready) {
      exchange.text(HttpStatus.OK_200, "ok\n");
    } else {
      exchange.text(HttpStatus.SERVICE_UNAVAILABLE_503, "the world is not ready\n");
    }
  }

  private void page(Exchange exchange, String path) {
    Optional<PageFiles.PageFile> file = PageFiles.of(path);
    if (file.isPresent()) {
      exchange.bytes(HttpStatus.OK_200, file.get().type(), file.get().content());
    } else {
      refuse(exchange, HttpStatus.NOT_FOUND_404, "there is nothing here");
    }
  }

  private void download(Exchange exchange, String path) {
    Optional<Downloads.Offered> offered = parts.downloads().find(path);
    if (offered.isEmpty()) {
      refuse(exchange, HttpStatus.NOT_FOUND_404, "there is no such file, or no longer");
      return;
    }
    HttpFields.Mutable headers = exchange.response().getHeaders();
    exchange.last();
    headers.put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    headers.put(
        HttpHeader.CONTENT_DISPOSITION, "attachment; filename=\"" + offered.get().name() + "\"");
    try {
      headers.put(HttpHeader.CONTENT_LENGTH, Files.size(offered.get().file()));
    } catch (IOException e) {
      refuse(exchange, HttpStatus.NOT_FOUND_404, "the file is gone");
      return;
    }
    if (exchange.isHead()) {
      exchange.response().write(true, null, exchange.callback());
      return;
    }
    ByteBufferPool pool = exchange.request().getComponents().getByteBufferPool();
    Content.copy(
        Content.Source.from(new ByteBufferPool.Sized(pool), offered.get().file()),
        exchange.response(),
        exchange.callback());
  }

  /** A request and its answer. */
  private record Exchange(Request request, Response response, Callback callback) {
    boolean isHead() {
      return HttpMethod.HEAD.is(request.getMethod());
    }

    void text(int status, String text) {
      bytes(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** So that a connection is a request, and its age the time that the request takes. */
    void last() {
      response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
    }

    void bytes(int status, String type, byte[] content) {
      last();
      response.setStatus(status);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
      response.write(true, isHead() ? null : ByteBuffer.wrap(content), callback);
    }
  }
}
