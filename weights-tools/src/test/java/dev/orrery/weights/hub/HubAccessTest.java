package dev.orrery.weights.hub;

import static dev.orrery.weights.hub.HubServer.redirect;
import static dev.orrery.weights.hub.HubServer.resolve;
import static dev.orrery.weights.hub.HubServer.status;
import static dev.orrery.weights.hub.HubServer.storage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who gets the token, where redirects may lead, and what a refusal tells the user. */
class HubAccessTest extends HubTest {
  private static final byte[] WEIGHTS = bytes(5000);

  @Test
  void keepsTheTokenFromOtherServers() throws Exception {
    HubFile file = hub.large("model.safetensors", WEIGHTS);
    try (HubServer other = new HubServer()) {
      other.large("model.safetensors", WEIGHTS);
      hub.next(resolve("model.safetensors"), redirect(other.endpoint() + storage(file)));
      assertArrayEquals(WEIGHTS, Files.readAllBytes(download().resolve("model.safetensors")));
      assertEquals(1, other.requests.size());
      assertEquals(Optional.empty(), other.requests.getFirst().header("Authorization"));
    }
    for (HubServer.Request request : hub.requests) {
      assertEquals(Optional.of("Bearer " + TOKEN), request.header("Authorization"));
    }
  }

  @Test
  void takesTheNameOfAnotherHostForAnotherServer() throws Exception {
    HubFile file = hub.large("model.safetensors", WEIGHTS);
    URI alias = URI.create("http://localhost:" + hub.endpoint().getPort());
    hub.next(resolve("model.safetensors"), redirect(alias + storage(file)));
    download();
    assertEquals(Optional.empty(), hub.requests(storage(file)).getFirst().header("Authorization"));
  }

  @Test
  void sendsNoTokenIfThereIsNone() throws Exception {
    hub.small("a", WEIGHTS);
    HubSettings anonymous = new HubSettings(hub.endpoint(), cache, Optional.empty(), false);
    try (HubDownload download =
        new HubDownload(anonymous, HubServer.REPOSITORY, Optional.empty(), DownloadProgress.NONE)) {
      download.run(download.plan("main", FileSelection.ALL));
    }
    assertEquals(Optional.empty(), hub.requests.getFirst().header("Authorization"));
  }

  @Test
  void followsARepositoryThatWasRenamed() throws Exception {
    hub.small("a", WEIGHTS);
    hub.next("/api/models/owner/name/revision/main", redirect(HubServer.API + "/revision/x"));
    hub.next(resolve("a"), redirect("../../resolve/" + HubServer.COMMIT + "/a"));
    assertArrayEquals(WEIGHTS, Files.readAllBytes(download().resolve("a")));
  }

  @Test
  void endsALoopOfRedirects() {
    HubFile file = hub.large("model.safetensors", WEIGHTS);
    for (int i = 0; i < 20; i++) {
      hub.next(storage(file), redirect(storage(file) + "?signature=secret"));
    }
    assertEquals(
        hub.endpoint() + resolve("model.safetensors") + ": more than 10 redirects", failure());
    assertEquals(HubClient.MAX_REDIRECTS, hub.requests(storage(file)).size());
  }

  @Test
  void refusesRedirectsToNowhere() {
    hub.small("a", WEIGHTS);
    for (String location : new String[] {"", "mailto:x", "http:///x", "http://u:p@host/", "a b"}) {
      hub.next(HubServer.REVISION, redirect(location));
      String message = failure();
      assertTrue(
          message.startsWith(hub.endpoint() + HubServer.REVISION + ": redirects to "), message);
    }
    hub.next(HubServer.REVISION, redirect("ftp://127.0.0.1/x"));
    assertTrue(failure().endsWith("expected a redirect to https, found one to ftp://127.0.0.1/x"));
  }

  @Test
  void neverGoesFromHttpsToHttp() throws Exception {
    URI secure = URI.create("https://hub.example/a");
    URI plain = URI.create("http://hub.example/a");
    try (HubClient client = client(URI.create("https://hub.example"))) {
      assertEquals(
          URI.create("https://cdn.example/b?s=1"),
          client.target(secure, "https://cdn.example/b?s=1"));
      assertEquals(URI.create("https://hub.example/b"), client.target(secure, "/b"));
      assertEquals(
          "https://hub.example/a: expected a redirect to https, found one to http://cdn.example/b",
          assertThrows(
                  HubException.class, () -> client.target(secure, "http://cdn.example/b?secret"))
              .getMessage());
      assertTrue(client.isEndpoint(URI.create("https://HUB.example:443/x")));
      assertTrue(
          !client.isEndpoint(plain) && !client.isEndpoint(URI.create("https://hub.example:444/")));
    }
    try (HubClient client = client(URI.create("http://hub.example"))) {
      assertEquals(URI.create("http://cdn.example/"), client.target(plain, "http://cdn.example/"));
      assertEquals(secure, client.target(plain, "https://hub.example/a"));
      assertEquals(
          "https://hub.example/a: expected a redirect to https, found one to http://hub.example/a",
          assertThrows(HubException.class, () -> client.target(secure, "http://hub.example/a"))
              .getMessage());
    }
  }

  private HubClient client(URI endpoint) {
    return new HubClient(
        new HubSettings(endpoint, cache, Optional.of(TOKEN), false), timing, DownloadProgress.NONE);
  }

  @Test
  void saysHowToGetAccess() {
    hub.small("a", WEIGHTS);
    String page = hub.endpoint() + "/owner/name";
    hub.next(HubServer.REVISION, status(401));
    assertEquals(
        "owner/name: access refused (HTTP 401 from 127.0.0.1): it does not exist, is private or is"
            + " gated; if it is gated, accept its licence on "
            + page
            + " and set HF_TOKEN (the one set was sent)",
        failure());
    hub.next(resolve("a"), status(403, "X-Error-Code", "GatedRepo"));
    assertEquals(
        "owner/name: access refused (HTTP 403 from 127.0.0.1): the repository is gated; accept its"
            + " licence on "
            + page
            + " and set HF_TOKEN (the one set was sent)",
        failure());
    assertEquals(0, clock.pauses.size(), "a refusal is not tried again");
  }

  @Test
  void saysWhatIsMissing() {
    hub.next(HubServer.REVISION, status(404, "X-Error-Code", "RevisionNotFound"));
    assertEquals(
        "owner/name: not found (HTTP 404 from 127.0.0.1, RevisionNotFound): there is no such"
            + " repository, revision or file at "
            + hub.endpoint()
            + HubServer.REVISION,
        failure());
    hub.next(HubServer.REVISION, status(418));
    assertTrue(failure().contains("HTTP 418 from 127.0.0.1, which was not expected"));
  }

  @Test
  void saysThatThereIsNoServer() {
    hub.close();
    assertEquals(
        hub.endpoint() + HubServer.REVISION + ": tried 6 times, at last: cannot connect",
        failure());
  }
}
