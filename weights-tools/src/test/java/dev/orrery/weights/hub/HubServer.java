package dev.orrery.weights.hub;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A hub on this machine with one repository. It behaves as the real one does: large files are
 * redirected to a storage that knows ranges. Faults are put before that, for one request each.
 */
public final class HubServer implements AutoCloseable {
  public static final RepositoryId REPOSITORY = new RepositoryId("owner/name");
  public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String API = "/api/models/owner/name";
  public static final String REVISION = API + "/revision/main";
  static final String TREE = API + "/tree/" + COMMIT;

  /** A request as it arrived. */
  public record Request(String path, Headers headers) {
    public Optional<String> header(String name) {
      return Optional.ofNullable(headers.getFirst(name));
    }
  }

  /** What is served, with its checksum and whether it is in large file storage. */
  private record Stored(byte[] content, Checksum checksum) {
    boolean large() {
      return checksum.kind() == Checksum.Kind.SHA256;
    }
  }

  public final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Stored> files = new LinkedHashMap<>();
  private final Map<String, Deque<HttpHandler>> faults = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private long received;

  /** Starts, with an empty repository. */
  public HubServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Its address. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Adds a file of large file storage. */
  public HubFile large(String path, byte[] content) {
    return add(path, content, Checksum.Kind.SHA256);
  }

  /** Adds a file that Git itself keeps. */
  public HubFile small(String path, byte[] content) {
    return add(path, content, Checksum.Kind.GIT_BLOB);
  }

  private HubFile add(String path, byte[] content, Checksum.Kind kind) {
    Checksum none = new Checksum(kind, "0".repeat(kind == Checksum.Kind.SHA256 ? 64 : 40));
    var digest = none.begin(content.length);
    digest.update(content);
    Checksum checksum = none.end(digest);
    files.put(path, new Stored(content, checksum));
    return new HubFile(path, content.length, checksum);
  }

  /** Where a file is asked for. */
  static String resolve(String path) {
    return "/owner/name/resolve/" + COMMIT + "/" + path;
  }

  /** Where the content of a large file is. */
  static String storage(HubFile file) {
    return "/storage/" + file.checksum().hex();
  }

  /** Answers the next requests for a path in these ways, one after the other. */
  public void next(String path, HttpHandler... handlers) {
    faults.computeIfAbsent(path, _ -> new ArrayDeque<>()).addAll(Arrays.asList(handlers));
  }

  /** The requests for a path. */
  List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().equals(path)).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    Headers copy = new Headers();
    copy.putAll(exchange.getRequestHeaders());
    requests.add(new Request(path, copy));
    HttpHandler fault = faults.getOrDefault(path, new ArrayDeque<>()).poll();
    try (exchange) {
      if (fault != null) {
        fault.handle(exchange);
      } else if (path.startsWith(API + "/revision/")) {
        json(exchange, "{\"sha\":\"" + COMMIT + "\"}");
      } else if (path.equals(TREE)) {
        json(exchange, listing());
      } else if (path.startsWith(resolve(""))) {
        file(exchange, files.get(path.substring(resolve("").length())));
      } else if (path.startsWith("/storage/")) {
        Stored stored =
            files.values().stream()
                .filter(file -> path.endsWith(file.checksum().hex()))
                .findFirst()
                .orElseThrow();
        content(exchange, stored.content(), "\"storage-1\"");
      } else {
        status(404).handle(exchange);
      }
    }
  }

  private String listing() {
    StringBuilder text =
        new StringBuilder("[{\"type\":\"directory\",\"oid\":\"x\",\"path\":\"d\"}");
    files.forEach((path, file) -> text.append(',').append(entry(path, file)));
    return text.append(']').toString();
  }

  private static String entry(String path, Stored file) {
    String size = "\"size\":" + file.content().length;
    String oid = "\"oid\":\"" + file.checksum().hex() + '"';
    return "{\"type\":\"file\",\"path\":\""
        + path
        + "\","
        + size
        + (file.large() ? ",\"lfs\":{" + oid + "," + size + ",\"pointerSize\":130}" : "," + oid)
        + "}";
  }

  private static void file(HttpExchange exchange, Stored file) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.add("X-Repo-Commit", COMMIT);
    if (!file.large()) {
      content(exchange, file.content(), '"' + file.checksum().hex() + '"');
      return;
    }
    headers.add("X-Linked-Etag", '"' + file.checksum().hex() + '"');
    headers.add("X-Linked-Size", Integer.toString(file.content().length));
    redirect("/storage/" + file.checksum().hex()).handle(exchange);
  }

  /** Sends all of some content, or the range that was asked for. */
  static void content(HttpExchange exchange, byte[] content, String tag) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("ETag", tag);
    String range = exchange.getRequestHeaders().getFirst("Range");
    String condition = exchange.getRequestHeaders().getFirst("If-Range");
    if (range == null || (condition != null && !condition.equals(tag))) {
      exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
      exchange.getResponseBody().write(content);
      return;
    }
    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    headers.set("Content-Range", range(from, content.length));
    exchange.sendResponseHeaders(206, content.length - from);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  static String range(int from, int size) {
    return "bytes " + from + "-" + (size - 1) + "/" + size;
  }

  /** Tells the server what the client has, so that faults come at the same byte every time. */
  synchronized void received(long bytes) {
    received = bytes;
    notifyAll();
  }

  private synchronized void awaitReceived(long bytes) throws IOException {
    while (received < bytes) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IOException("the server is being stopped", e);
      }
    }
  }

  /** Begins to send content and then ends the connection, once the client has what was sent. */
  HttpHandler dropAfter(int bytes, byte[] content, String tag) {
    return exchange -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
      exchange.getResponseHeaders().set("ETag", tag);
      if (range != null) {
        exchange.getResponseHeaders().set("Content-Range", range(from, content.length));
      }
      exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
      exchange.getResponseBody().write(content, from, bytes);
      exchange.getResponseBody().flush();
      awaitReceived(from + bytes);
    };
  }

  static HttpHandler redirect(String location) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  static HttpHandler status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  /** An answer without a body and with one header. */
  public static HttpHandler status(int status, String header, String value) {
    return exchange -> {
      exchange.getResponseHeaders().set(header, value);
      exchange.sendResponseHeaders(status, -1);
    };
  }

  static HttpHandler text(String text) {
    return exchange -> json(exchange, text);
  }

  static void json(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
