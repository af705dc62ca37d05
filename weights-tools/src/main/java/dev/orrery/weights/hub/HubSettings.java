package dev.orrery.weights.hub;

import dev.orrery.runtime.files.NotTextException;
import dev.orrery.runtime.files.TextFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a hub is and how it is used.
 *
 * @param endpoint its address without a slash at the end; plain http only if the user says so
 * @param cache the folder of the cache
 * @param token identifies the user to the endpoint, and is sent to no other host
 * @param offline whether nothing but the cache may be used
 */
public record HubSettings(URI endpoint, Path cache, Optional<String> token, boolean offline) {
  private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  /** Tokens have some 40 characters. */
  private static final long MAX_TOKEN_BYTES = 4096;

  /**
   * Checks the endpoint and the token.
   *
   * @throws IllegalArgumentException if the endpoint is not an http address, or the token is not
   *     one word
   */
  public HubSettings {
    endpoint = URI.create(endpoint.toString().replaceAll("/+$", ""));
    String scheme = String.valueOf(endpoint.getScheme());
    if (!(scheme.equals("https") || scheme.equals("http"))
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null
        || endpoint.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "expected an endpoint such as " + DEFAULT_ENDPOINT + ", found \"" + endpoint + '"');
    }
    if (!token.orElse("x").matches("[!-~]+")) {
      throw new IllegalArgumentException("the token is not one word of printable characters");
    }
  }

  /**
   * The settings that the Python library takes from the same variables: {@code HF_ENDPOINT}, {@code
   * HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_TOKEN} (else the file {@code token} of {@code
   * HF_HOME}) and {@code HF_HUB_OFFLINE}.
   *
   * @param environment the variables
   * @param home the user's folder, below which {@code HF_HOME} is if it is not set
   * @throws IllegalArgumentException as above
   * @throws HubException if the file of the token cannot be read
   */
  public static HubSettings of(Map<String, String> environment, Path home) throws HubException {
    Path hubHome =
        value(environment, "HF_HOME")
            .map(Path::of)
            .orElse(home.resolve(".cache").resolve("huggingface"));
    Path cache = value(environment, "HF_HUB_CACHE").map(Path::of).orElse(hubHome.resolve("hub"));
    Optional<String> token = value(environment, "HF_TOKEN");
    return new HubSettings(
        URI.create(value(environment, "HF_ENDPOINT").orElse(DEFAULT_ENDPOINT)),
        cache,
        token.isPresent() ? token : storedToken(hubHome.resolve("token")),
        value(environment, "HF_HUB_OFFLINE")
            .map(value -> TRUE.contains(value.toUpperCase(Locale.ROOT)))
            .orElse(false));
  }

  /** These settings with another endpoint. */
  public HubSettings withEndpoint(URI other) {
    return new HubSettings(other, cache, token, offline);
  }

  /** These settings with another cache. */
  public HubSettings withCache(Path other) {
    return new HubSettings(endpoint, other, token, offline);
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static Optional<String> storedToken(Path file) throws HubException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      String token = TextFile.read(file, MAX_TOKEN_BYTES).strip();
      return Optional.of(token).filter(text -> !text.isEmpty());
    } catch (NotTextException e) {
      throw new HubException(file.toString(), e.getMessage());
    } catch (IOException e) {
      throw HubException.cannotRead(file, e);
    }
  }

  /** Without the token, which must not get into a log. */
  @Override
  public String toString() {
    return endpoint + ", " + cache + (offline ? ", offline" : "");
  }
}
