package dev.orrery.weights.hub;

import dev.orrery.weights.hub.Retry.TransientFailure;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Requests to a hub. Redirects are followed here and not by the HTTP client, which would send the
 * token to wherever they lead.
 */
final class HubClient implements AutoCloseable {
  static final int MAX_REDIRECTS = 10;

  private final HubSettings settings;
  private final Timing timing;
  private final DownloadProgress progress;
  private final HttpClient http;

  /**
   * The response to a request, after redirects.
   *
   * @param status 200, 206 or 416
   * @param hubHeaders what the endpoint itself said about the file, by name in any case; the first
   *     word counts, because what follows a redirect describes the storage
   * @param last the response at the end of them
   */
  record HubResponse(int status, Map<String, String> hubHeaders, HttpResponse<TimedBody> last)
      implements AutoCloseable {
    Optional<String> header(String name) {
      return last.headers().firstValue(name);
    }

    TimedBody body() {
      return last.body();
    }

    @Override
    public void close() {
      last.body().close();
    }
  }

  HubClient(HubSettings settings, Timing timing, DownloadProgress progress) {
    this.settings = settings;
    this.timing = timing;
    this.progress = progress;
    this.http =
        HttpClient.newBuilder()
            // One large body at a time gains nothing from streams that share a connection.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timing.connect())
            .build();
  }

  /** An address at the endpoint; the path begins with a slash and is encoded already. */
  URI at(String path) {
    return URI.create(settings.endpoint() + path);
  }

  /** Decides how often something is tried. */
  Retry retry(String subject) {
    return new Retry(subject, timing.clock(), progress);
  }

  /** Text as one part of an address, with slashes encoded too. */
  static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** An address as messages show it: without the query, which may hold a signature. */
  static String shown(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }

  /** Whether an address belongs to the endpoint, and may see the token. */
  boolean isEndpoint(URI uri) {
    URI endpoint = settings.endpoint();
    return endpoint.getScheme().equalsIgnoreCase(uri.getScheme())
        && endpoint.getHost().equalsIgnoreCase(uri.getHost())
        && port(endpoint) == port(uri);
  }

  /**
   * Sends one request and follows its redirects.
   *
   * @param headers of the request, besides the token
   * @throws HubException if another try would end the same
   * @throws IOException for all that may pass
   */
  HubResponse get(RepositoryId repository, URI uri, Map<String, String> headers)
      throws IOException, InterruptedException {
    Map<String, String> hubHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    URI at = uri;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpResponse<TimedBody> response = send(at, headers);
      boolean usable = false;
      try {
        if (isEndpoint(at)) {
          response
              .headers()
              .map()
              .forEach((name, values) -> hubHeaders.putIfAbsent(name, values.getFirst()));
        }
        int status = response.statusCode();
        if (status == 200 || status == 206 || status == 416) {
          usable = true;
          return new HubResponse(status, hubHeaders, response);
        }
        if (status / 100 != 3) {
          throw failure(repository, at, response);
        }
        at = target(at, response.headers().firstValue("location").orElse(""));
      } finally {
        if (!usable) {
          response.body().close();
        }
      }
    }
    throw new HubException(shown(uri), "more than " + MAX_REDIRECTS + " redirects");
  }

  private HttpResponse<TimedBody> send(URI uri, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timing.response())
            .header("User-Agent", "orrery")
            // Sizes and ranges are those of the file itself.
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (isEndpoint(uri)) {
      settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    return http.send(request.build(), _ -> new TimedBody(timing.data()));
  }

  /**
   * Where a redirect leads. Plain http is left, but never entered, unless the user chose it.
   *
   * @param location the header; empty if there is none
   */
  URI target(URI from, String location) throws HubException {
    URI target;
    try {
      target = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new HubException(shown(from), "redirects to an invalid address", e);
    }
    if (location.isEmpty() || target.getHost() == null || target.getRawUserInfo() != null) {
      throw new HubException(shown(from), "redirects to no usable address");
    }
    boolean plainAllowed =
        settings.endpoint().getScheme().equals("http") && !"https".equals(from.getScheme());
    if (!"https".equals(target.getScheme())
        && !(plainAllowed && "http".equals(target.getScheme()))) {
      throw new HubException(
          shown(from), "expected a redirect to https, found one to " + shown(target));
    }
    return target;
  }

  private IOException failure(RepositoryId repository, URI uri, HttpResponse<TimedBody> response) {
    int status = response.statusCode();
    String code = response.headers().firstValue("x-error-code").orElse("");
    String what = "HTTP " + status + " from " + uri.getHost();
    if (status == 408 || status == 425 || status == 429 || status / 100 == 5) {
      return new TransientFailure(what, retryAfter(response));
    }
    if ((status == 401 || status == 403) && !isEndpoint(uri)) {
      // Storage refuses an address whose signature is too old; the endpoint gives a new one.
      return new TransientFailure(what);
    }
    String page = settings.endpoint() + "/" + repository;
    String subject = repository.text();
    return switch (status) {
      case 401, 403 ->
          new HubException(
              subject,
              "access refused ("
                  + what
                  + "): "
                  + (code.equals("GatedRepo")
                      ? "the repository is gated; "
                      : "it does not exist, is private or is gated; if it is gated, ")
                  + "accept its licence on "
                  + page
                  + " and set HF_TOKEN"
                  + (settings.token().isPresent() ? " (the one set was sent)" : ""));
      case 404 ->
          new HubException(
              subject,
              "not found ("
                  + what
                  + (code.isEmpty() ? "" : ", " + code)
                  + "): there is no such repository, revision or file at "
                  + shown(uri));
      default -> new HubException(subject, what + ", which was not expected, at " + shown(uri));
    };
  }

  /** Seconds or a date; nothing if it is neither. */
  private Optional<Duration> retryAfter(HttpResponse<TimedBody> response) {
    return response
        .headers()
        .firstValue("retry-after")
        .flatMap(
            text -> {
              if (text.matches("[0-9]{1,9}")) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
              }
              try {
                Instant until =
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
                Duration pause = Duration.between(timing.clock().now(), until);
                return Optional.of(pause.isNegative() ? Duration.ZERO : pause);
              } catch (DateTimeParseException e) {
                return Optional.empty();
              }
            });
  }

  private static int port(URI uri) {
    return uri.getPort() != -1 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
  }

  /** Ends all connections. */
  @Override
  public void close() {
    http.shutdownNow();
  }
}
