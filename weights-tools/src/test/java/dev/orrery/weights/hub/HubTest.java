package dev.orrery.weights.hub;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of downloads need: a hub, a cache, and time that passes at once. */
abstract class HubTest {
  static final String TOKEN = "hf_secret";

  /** Nothing on this machine takes so long, so that only tests of silence wait. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path root;
  Path cache;
  HubServer hub;
  final Clock clock = new Clock();
  final Timing timing = new Timing(PATIENCE, PATIENCE, PATIENCE, clock);

  /** Pauses take no time, and are remembered. */
  static final class Clock extends Timing.Clock {
    final List<Duration> pauses = new ArrayList<>();

    @Override
    public Instant now() {
      return Instant.parse("2026-01-01T00:00:00Z");
    }

    @Override
    public void pause(Duration duration) {
      pauses.add(duration);
    }

    List<Long> seconds() {
      return pauses.stream().map(Duration::toSeconds).toList();
    }
  }

  @BeforeEach
  void start() throws IOException {
    cache = root.resolve("hub");
    hub = new HubServer();
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  HubSettings settings(boolean offline) {
    return new HubSettings(hub.endpoint(), cache, Optional.of(TOKEN), offline);
  }

  HubDownload open(Optional<Path> folder) {
    return open(folder, timing);
  }

  HubDownload open(Optional<Path> folder, Timing timing) {
    return open(folder, timing, DownloadProgress.NONE);
  }

  HubDownload open(Optional<Path> folder, Timing timing, DownloadProgress progress) {
    return new HubDownload(settings(false), HubServer.REPOSITORY, folder, progress, timing);
  }

  /** Downloads everything into the cache. */
  Path download() throws IOException, InterruptedException {
    return download(Optional.empty());
  }

  Path download(Optional<Path> folder) throws IOException, InterruptedException {
    hub.received(0);
    try (HubDownload download = open(folder, timing, (_, done, _) -> hub.received(done))) {
      return download.run(download.plan("main", FileSelection.ALL));
    }
  }

  /** The message with which a download fails; it is one line and does not hold the token. */
  String failure() {
    String message = assertThrows(HubException.class, this::download).getMessage();
    assertFalse(message.contains(TOKEN), message);
    assertTrue(message.lines().count() == 1, message);
    return message;
  }

  Path blob(HubFile file) {
    return cache.resolve("models--owner--name/blobs").resolve(file.checksum().hex());
  }

  Path partial(HubFile file) {
    return cache
        .resolve("models--owner--name/blobs")
        .resolve(file.checksum().hex() + ".orrery.incomplete");
  }
}
