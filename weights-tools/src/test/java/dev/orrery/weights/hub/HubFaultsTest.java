package dev.orrery.weights.hub;

import static dev.orrery.weights.hub.HubServer.content;
import static dev.orrery.weights.hub.HubServer.resolve;
import static dev.orrery.weights.hub.HubServer.status;
import static dev.orrery.weights.hub.HubServer.storage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A server that breaks off, lies, changes its mind or is busy, and a disk that is full. */
class HubFaultsTest extends HubTest {
  private static final byte[] WEIGHTS = bytes(300_000);
  private static final String TAG = "\"storage-1\"";

  private HubFile weights() {
    return hub.large("model.safetensors", WEIGHTS);
  }

  private List<Optional<String>> ranges(HubFile file) {
    return hub.requests(storage(file)).stream().map(request -> request.header("Range")).toList();
  }

  private void receivesWeights() throws Exception {
    assertArrayEquals(WEIGHTS, Files.readAllBytes(download().resolve("model.safetensors")));
  }

  @Test
  void goesOnAfterADrop() throws Exception {
    HubFile file = weights();
    hub.next(
        storage(file), hub.dropAfter(100_000, WEIGHTS, TAG), hub.dropAfter(150_000, WEIGHTS, TAG));
    receivesWeights();
    assertEquals(
        List.of(Optional.empty(), Optional.of("bytes=100000-"), Optional.of("bytes=250000-")),
        ranges(file));
    assertEquals(Optional.of(TAG), hub.requests(storage(file)).get(1).header("If-Range"));
    assertEquals(List.of(1L, 2L), clock.seconds());
  }

  @Test
  void goesOnWhereAnEarlierProcessEnded() throws Exception {
    HubFile file = weights();
    Files.createDirectories(partial(file).getParent());
    Files.write(partial(file), Arrays.copyOf(WEIGHTS, 299_999));
    receivesWeights();
    assertEquals(List.of(Optional.of("bytes=299999-")), ranges(file));
    assertFalse(Files.exists(partial(file)));
  }

  @Test
  void needsNoServerForAFileThatOnlyLacksItsName() throws Exception {
    HubFile file = weights();
    Files.createDirectories(partial(file).getParent());
    Files.write(partial(file), WEIGHTS);
    receivesWeights();
    assertEquals(0, hub.requests(resolve("model.safetensors")).size());
  }

  @Test
  void beginsAgainIfWhatWasThereDoesNotFit() throws Exception {
    HubFile file = weights();
    for (int size : new int[] {1000, 300_000, 300_001}) {
      Files.createDirectories(partial(file).getParent());
      Files.write(partial(file), new byte[size]);
      Files.deleteIfExists(blob(file));
      hub.requests.clear();
      receivesWeights();
      assertEquals(Optional.empty(), ranges(file).getLast(), "a range after " + size);
    }
    assertEquals(List.of(), clock.pauses);
  }

  @Test
  void beginsAgainWithAServerThatKnowsNoRanges() throws Exception {
    HubFile file = weights();
    HttpHandler whole =
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS);
        };
    hub.next(storage(file), hub.dropAfter(100_000, WEIGHTS, TAG), whole);
    receivesWeights();
    assertEquals(2, ranges(file).size());
  }

  @Test
  void beginsAgainIfTheFileChangedMeanwhile() throws Exception {
    HubFile file = weights();
    byte[] old = new byte[WEIGHTS.length];
    // This server heeds If-Range, the next one does not.
    hub.next(storage(file), hub.dropAfter(100_000, old, "\"old\""));
    receivesWeights();
    assertEquals(List.of(Optional.empty(), Optional.of("bytes=100000-")), ranges(file));

    clock.pauses.clear();
    Files.delete(blob(file));
    hub.requests.clear();
    HttpHandler careless = exchange -> range(exchange, 100_000);
    hub.next(storage(file), hub.dropAfter(100_000, old, "\"old\""), careless);
    receivesWeights();
    assertEquals(
        List.of(Optional.empty(), Optional.of("bytes=100000-"), Optional.empty()), ranges(file));
    // Noticed at once, not only by the hash of the whole.
    assertEquals(List.of(1L, 2L), clock.seconds());
  }

  @Test
  void beginsAgainIfTheServerSendsAnotherRange() throws Exception {
    HubFile file = weights();
    HttpHandler other = exchange -> range(exchange, 5);
    HttpHandler unsatisfiable = status(416);
    for (HttpHandler fault : List.of(other, unsatisfiable)) {
      hub.requests.clear();
      hub.next(storage(file), hub.dropAfter(100_000, WEIGHTS, TAG), fault);
      receivesWeights();
      assertEquals(Optional.empty(), ranges(file).getLast());
      Files.delete(blob(file));
    }
  }

  private static void range(HttpExchange exchange, int from) throws IOException {
    exchange.getResponseHeaders().set("ETag", TAG);
    exchange.getResponseHeaders().set("Content-Range", HubServer.range(from, WEIGHTS.length));
    exchange.sendResponseHeaders(206, WEIGHTS.length - from);
    exchange.getResponseBody().write(WEIGHTS, from, WEIGHTS.length - from);
  }

  @Test
  void refusesTheWrongContent() {
    HubFile file = weights();
    byte[] other = WEIGHTS.clone();
    other[299_999] ^= 1;
    hub.next(storage(file), exchange -> content(exchange, other, TAG));
    String message = failure();
    assertTrue(
        message.startsWith(
            "model.safetensors: expected SHA-256 "
                + file.checksum().hex()
                + " as listed, but received SHA-256 "),
        message);
    assertNothingLeft(file);
    assertEquals(1, ranges(file).size());
  }

  @Test
  void refusesTheWrongContentOfASmallFile() {
    HubFile file = hub.small("config.json", bytes(10));
    hub.next(resolve("config.json"), exchange -> content(exchange, new byte[10], TAG));
    // The hash that Git gives to ten zero bytes.
    assertEquals(
        "config.json: expected SHA-1 "
            + file.checksum().hex()
            + " as listed, but received SHA-1 cb43b5ce1342e5d73830ac8b6a37ea870fae2632",
        failure());
    assertNothingLeft(file);
  }

  @Test
  void refusesTheWrongLength() throws Exception {
    HubFile file = weights();
    hub.next(storage(file), exchange -> content(exchange, bytes(299_999), TAG));
    assertEquals("model.safetensors: expected the size 300000 as listed, found 299999", failure());
    // Without a length, and without an end.
    hub.next(
        storage(file),
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write(WEIGHTS);
          }
        });
    assertEquals(
        "model.safetensors: expected 300000 bytes as listed, but the server sends more", failure());
    assertNothingLeft(file);
    hub.next(
        storage(file),
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(WEIGHTS, 0, 1000);
          exchange.getResponseBody().close();
        });
    receivesWeights();
    assertEquals(Optional.of("bytes=1000-"), ranges(file).getLast());
  }

  @Test
  void refusesAFileThatIsNotTheListedOne() {
    HubFile file = weights();
    String path = resolve("model.safetensors");
    hub.next(path, lying("X-Repo-Commit", "f".repeat(40), file));
    assertEquals(
        "model.safetensors: expected the commit "
            + HubServer.COMMIT
            + " as listed, found "
            + "f".repeat(40),
        failure());
    hub.next(path, lying("X-Linked-Size", "7", file));
    assertEquals("model.safetensors: expected the size 300000 as listed, found 7", failure());
    hub.next(path, lying("X-Linked-Etag", "\"" + "0".repeat(64) + "\"", file));
    assertTrue(failure().startsWith("model.safetensors: expected the hash "));
    assertNothingLeft(file);
  }

  private static HttpHandler lying(String header, String value, HubFile file) {
    return exchange -> {
      exchange.getResponseHeaders().set(header, value);
      HubServer.redirect(storage(file)).handle(exchange);
    };
  }

  @Test
  void triesAgainWhenTheServerIsBusy() throws Exception {
    HubFile file = weights();
    hub.next(HubServer.REVISION, status(500), status(503));
    hub.next(HubServer.TREE, status(429, "Retry-After", "17"));
    hub.next(storage(file), status(429, "Retry-After", "Thu, 01 Jan 2026 00:02:00 GMT"));
    // A storage elsewhere whose address is no longer valid: the hub gives a new one.
    String elsewhere = "http://localhost:" + hub.endpoint().getPort() + storage(file);
    hub.next(storage(file), status(403));
    hub.next(
        resolve("model.safetensors"),
        HubServer.redirect(storage(file)),
        HubServer.redirect(elsewhere));
    receivesWeights();
    assertEquals(List.of(1L, 2L, 17L, 120L, 2L), clock.seconds());
    assertEquals(3, hub.requests(resolve("model.safetensors")).size());
  }

  @Test
  void givesUp() {
    weights();
    HttpHandler[] busy = new HttpHandler[Retry.MAX_TRIES];
    Arrays.fill(busy, status(503));
    hub.next(HubServer.REVISION, busy);
    assertEquals(
        hub.endpoint() + HubServer.REVISION + ": tried 6 times, at last: HTTP 503 from 127.0.0.1",
        failure());
    assertEquals(List.of(1L, 2L, 4L, 8L, 16L), clock.seconds());
    hub.next(HubServer.REVISION, status(429, "Retry-After", "3600"));
    assertTrue(failure().endsWith("HTTP 429 from 127.0.0.1: try again in 60 minutes"));
  }

  @Test
  void doesNotGiveUpWhileMuchArrives() throws Exception {
    byte[] large = bytes(10 << 20);
    HubFile file = hub.large("large.safetensors", large);
    HttpHandler[] drops = new HttpHandler[9];
    Arrays.fill(drops, hub.dropAfter((1 << 20) + 1, large, TAG));
    hub.next(storage(file), drops);
    assertArrayEquals(large, Files.readAllBytes(download().resolve("large.safetensors")));
    assertEquals(Collections.nCopies(9, 1L), clock.seconds());
  }

  @Test
  void noticesAServerThatFallsSilent() throws Exception {
    HubFile file = weights();
    CountDownLatch over = new CountDownLatch(1);
    hub.next(
        storage(file),
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS, 0, 1000);
          exchange.getResponseBody().flush();
          await(over);
        });
    Duration patient = Duration.ofSeconds(20);
    Timing impatient = new Timing(patient, patient, Duration.ofMillis(300), clock);
    try (HubDownload download = open(Optional.empty(), impatient)) {
      download.run(download.plan("main", FileSelection.ALL));
    } finally {
      over.countDown();
    }
    assertArrayEquals(WEIGHTS, Files.readAllBytes(blob(file)));
    assertEquals(Optional.of("bytes=1000-"), ranges(file).getLast());
  }

  @Test
  void canBeCancelledAndGoesOnLater() throws Exception {
    HubFile file = weights();
    CountDownLatch over = new CountDownLatch(1);
    hub.next(
        storage(file),
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS, 0, 1000);
          exchange.getResponseBody().flush();
          await(over);
        });
    DownloadProgress interrupting =
        (_, done, _) -> {
          if (done == 1000) {
            Thread.currentThread().interrupt();
          }
        };
    try (HubDownload download = open(Optional.empty(), timing, interrupting)) {
      DownloadPlan plan = download.plan("main", FileSelection.ALL);
      assertThrows(InterruptedException.class, () -> download.run(plan));
    } finally {
      over.countDown();
    }
    assertFalse(Thread.currentThread().isInterrupted());
    assertEquals(1000, Files.size(partial(file)));
    assertFalse(Files.exists(blob(file)));
    receivesWeights();
    assertEquals(Optional.of("bytes=1000-"), ranges(file).getLast());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      // The server is being stopped.
    }
  }

  @Test
  void saysBeforehandThatTheDiskIsTooSmall() {
    String huge = "{\"type\":\"file\",\"path\":\"a\",\"oid\":\"" + "0".repeat(40) + "\",\"size\":";
    hub.next(HubServer.TREE, HubServer.text("[" + huge + HubFile.MAX_SIZE + "}]"));
    String message = failure();
    assertTrue(message.contains(": expected room for 70,368,744,177,664 bytes, found "), message);
    assertEquals(0, hub.requests(resolve("a")).size());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void saysThatTheDiskIsFull() throws Exception {
    HubFile file = weights();
    Files.createDirectories(partial(file).getParent());
    Files.createSymbolicLink(partial(file), Path.of("/dev/full"));
    assertEquals(partial(file) + ": cannot be written: No space left on device", failure());
    assertEquals(1, ranges(file).size(), "a full disk is not tried again");
  }

  @Test
  void saysThatTheCacheCannotBeWritten() throws Exception {
    weights();
    Files.createDirectories(cache);
    Files.writeString(cache.resolve("models--owner--name"), "a file");
    String message = failure();
    assertTrue(message.startsWith(cache + "/models--owner--name/blobs/"), message);
    assertTrue(message.contains(": cannot be written: "), message);
  }

  private void assertNothingLeft(HubFile file) {
    assertFalse(Files.exists(blob(file)));
    assertFalse(Files.exists(partial(file)));
    assertFalse(Files.exists(cache.resolve("models--owner--name/refs/main")));
  }
}
