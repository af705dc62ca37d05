package dev.orrery.play.server;

import dev.orrery.model.session.Progress;
import dev.orrery.model.session.ResidentMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/**
 * Lets people walk through worlds of a model in their browsers, and programs over the same socket;
 * the protocol is described in {@code docs/play-protocol.md}.
 *
 * {@snippet :
 * try (PlayServer server = PlayServer.listen(ServerOptions.DEFAULT)) {
 *   server.play(played, Progress.NONE);
 *   System.out.println(server.address());
 *   server.ready().join();
 *   ...
 * }
 * }
 *
 * <p>A server that listens at an address of the loopback serves this machine alone; others are
 * served only with the token of {@link #address}. In either case pages of other sites that are open
 * in the same browser are kept out.
 */
public final class PlayServer implements AutoCloseable {
  private static final int HEADER_BYTES = 8 << 10;
  private static final int INPUT_BYTES = 16 << 10;

  /** What lies in the system's buffers is old when a slow viewer gets it: not much may. */
  private static final int SEND_BYTES = 128 << 10;

  /** As the page has some ten files, each of them in a connection of its own. */
  private static final int SPARE_CONNECTIONS = 64;

  /** Reading is short, and writing waits for nobody: few threads serve all. */
  private static final int MOST_THREADS = 16;

  private static final int LEAST_THREADS = 4;

  /** A socket is written to every second, unless nobody reads. */
  private static final long SOCKET_IDLE_MILLIS = 60_000;

  private static final System.Logger LOG = System.getLogger(PlayServer.class.getName());

  private final ServerOptions options;
  private final Limits limits;
  private final Server server;
  private final ServerConnector connector;
  private final Admission admission;
  private final UnfinishedRequests unfinished;
  private final Traffic traffic = new Traffic();
  private final Downloads downloads = new Downloads();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("orrery-play-worker").daemon().factory());
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("orrery-play-clock").daemon().factory());

  private Rooms rooms;
  private Sockets sockets;
  private CompletableFuture<Void> ready;

  private PlayServer(ServerOptions options, Limits limits, InetAddress host) throws IOException {
    this.options = options;
    this.limits = limits;
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, LEAST_THREADS);
    threads.setName("orrery-play");
    threads.setDaemon(true);
    server = new Server(threads);
    server.setStopTimeout(0);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http()));
    connector.setHost(host.getHostAddress());
    connector.setPort(options.port());
    connector.setIdleTimeout(limits.request().toMillis());
    connector.setAcceptedSendBufferSize(SEND_BYTES);
    unfinished = new UnfinishedRequests(limits.request().toMillis());
    connector.addBean(unfinished);
    connector.addBean(
        new NetworkConnectionLimit(limits.connections() + SPARE_CONNECTIONS, connector));
    server.addConnector(connector);
    open(options);
    admission = Admission.of(options.host(), host, connector.getLocalPort());
  }

  private static HttpConfiguration http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    return http;
  }

  private void open(ServerOptions options) throws IOException {
    try {
      connector.open();
    } catch (IOException e) {
      downloads.close();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "cannot listen at "
              + options.host()
              + ", port "
              + options.port()
              + ": "
              + cause.getMessage(),
          e);
    }
  }

  /**
   * Takes the port; nobody is answered before {@link #play}.
   *
   * @throws IOException saying in one line why not: there is no such host, it is none of this
   *     machine, or the port is taken
   */
  public static PlayServer listen(ServerOptions options) throws IOException {
    return listen(options, Limits.DEFAULT);
  }

  /** With other limits than people need. */
  static PlayServer listen(ServerOptions options, Limits limits) throws IOException {
    try {
      return new PlayServer(options, limits, InetAddress.getByName(options.host()));
    } catch (UnknownHostException e) {
      throw new IOException("there is no host " + options.host(), e);
    }
  }

  /**
   * Begins the first world, and answers from now on.
   *
   * @param played must be closed after this
   * @param progress receives how worlds are prepared, from their threads
   */
  public synchronized void play(PlayedModel played, Progress progress) {
    if (rooms != null) {
      throw new IllegalStateException("play: expected once, found again");
    }
    ServerParts parts =
        new ServerParts(
            played,
            played.model().memory(),
            options.player(),
            limits,
            downloads,
            admission,
            worker,
            traffic,
            progress);
    rooms = new Rooms(parts, options.sessions());
    sockets = new Sockets(limits, traffic, rooms);
    server.setErrorHandler(PlayServer::answerError);
    server.setHandler(new WebHandler(parts, rooms, sockets, container()));
    ready = rooms.beginFirst();
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("the server cannot be started: " + e.getMessage(), e);
    }
    long millis = limits.tick().toMillis();
    clock.scheduleWithFixedDelay(this::tick, millis, millis, TimeUnit.MILLISECONDS);
  }

  private ServerWebSocketContainer container() {
    ServerWebSocketContainer container = ServerWebSocketContainer.ensure(server);
    container.setInputBufferSize(INPUT_BYTES);
    container.setIdleTimeout(Duration.ofMillis(SOCKET_IDLE_MILLIS));
    return container;
  }

  /** What Jetty itself refuses: a line as from the others, and nothing about the program. */
  private static boolean answerError(Request request, Response response, Callback callback) {
    response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    String line = response.getStatus() + " " + HttpStatus.getMessage(response.getStatus()) + "\n";
    response.write(true, ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)), callback);
    return true;
  }

  private void tick() {
    try {
      long now = System.nanoTime();
      sockets.tick(now);
      rooms.tick(now, ResidentMemory.bytes());
      downloads.expire(now);
      unfinished.tick();
    } catch (RuntimeException e) {
      // The clock goes on.
      LOG.log(System.Logger.Level.WARNING, "looking at the time failed", e);
    }
  }

  /** What people open in a browser; has the token if there is one. */
  public URI address() {
    return URI.create(admission.address());
  }

  /**
   * Told when the first world is ready; or, exceptionally, with one line, why there is none. Empty
   * before {@link #play}.
   */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /**
   * Ends all connections and deletes all files, and does not wait for the worlds: for a program
   * that ends.
   */
  public synchronized void end() {
    clock.shutdownNow();
    if (sockets != null) {
      sockets.close();
    }
    try {
      server.stop();
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "the server cannot be stopped", e);
    }
    connector.close();
    downloads.close();
  }

  /** Ends all connections and worlds, waits for their threads and deletes all files. */
  @Override
  public void close() {
    end();
    if (rooms != null) {
      rooms.close();
    }
    worker.shutdown();
    boolean interrupted = false;
    while (!worker.isTerminated() || !clock.isTerminated()) {
      try {
        worker.awaitTermination(1, TimeUnit.MINUTES);
        clock.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    downloads.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
