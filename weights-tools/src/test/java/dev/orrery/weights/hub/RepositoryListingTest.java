package dev.orrery.weights.hub;

import static dev.orrery.weights.hub.HubServer.TREE;
import static dev.orrery.weights.hub.HubServer.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryListingTest extends HubTest {
  private static final String OID = "0".repeat(40);

  private static String entry(String path) {
    return entry(path, "5", OID);
  }

  private static String entry(String path, String size, String oid) {
    return String.format(
        "{\"type\":\"file\",\"path\":\"%s\",\"size\":%s,\"oid\":\"%s\"}", path, size, oid);
  }

  private static HttpHandler page(String json, String link) {
    return exchange -> {
      exchange.getResponseHeaders().set("Link", link);
      HubServer.json(exchange, json);
    };
  }

  private RepositoryListing listing() throws Exception {
    try (HubClient client = new HubClient(settings(false), timing, DownloadProgress.NONE)) {
      return RepositoryListing.of(client, HubServer.REPOSITORY, "main", _ -> true);
    }
  }

  @Test
  void readsAllPages() throws Exception {
    String next = "<" + hub.endpoint() + TREE + "?cursor=%s>; rel=\"next\"";
    hub.next(
        TREE,
        page("[" + entry("a") + "]", String.format(next, "1")),
        page("[" + entry("d/b") + "]", "<" + TREE + "?cursor=2>;rel=next, <x>; rel=\"prev\""),
        page("[" + entry("c") + "]", "<y>; rel=\"first\""));
    RepositoryListing listing = listing();
    assertEquals(HubServer.COMMIT, listing.commit());
    assertEquals("a d/b c", paths(listing));
    assertEquals(3, hub.requests(TREE).size());
  }

  private static String paths(RepositoryListing listing) {
    return listing.files().stream().map(HubFile::path).collect(Collectors.joining(" "));
  }

  @Test
  void takesTheHashOfLargeFilesFromTheirStorage() throws Exception {
    HubFile large = hub.large("a", bytes(9));
    HubFile small = hub.small("b", bytes(9));
    assertEquals(List.of(large, small), listing().files());
    assertEquals(64, large.checksum().hex().length());
    assertEquals(40, small.checksum().hex().length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/../../x",
        "/etc/x",
        "a//b",
        "a/./b",
        "",
        "..\\\\x",
        "C:x",
        "a\\u0000b",
        "a\\nb",
        "\\u001b[2J",
        "CON",
        "d/nul.txt",
        ".git/config",
        "x/.GIT/hooks/y",
        "a.",
        "a ",
        "\\ud800"
      })
  void refusesPathsThatLeaveTheFolder(String path) throws Exception {
    hub.next(TREE, text("[" + entry("fine") + "," + entry(path) + "]"));
    String message = failure();
    assertTrue(
        message.startsWith("owner/name: its listing: expected a path inside the repository, found"),
        message);
    assertFalse(Files.exists(cache), "nothing was written");
    assertFalse(message.chars().anyMatch(Character::isISOControl), message);
  }

  @Test
  void passesOverHostilePathsThatNobodyWants() throws Exception {
    hub.small("a", bytes(3));
    String good = entry("a", "3", hub.small("a", bytes(3)).checksum().hex());
    hub.next(TREE, text("[" + entry("../x") + "," + good + "]"));
    try (HubDownload download = open(Optional.empty())) {
      var selection = new FileSelection(List.of("a"), List.of(), List.of());
      assertEquals(1, download.plan("main", selection).items().size());
    }
  }

  @Test
  void refusesEntriesThatMakeNoSense() {
    refused(entry("a", "-1", OID), "its listing: a: expected a size of at most");
    refused(entry("a", "70368744177665", OID), "its listing: a: expected a size of at most");
    refused(entry("a", "1", "XY"), "its listing: expected 40 hexadecimal digits, found \"XY\"");
    refused(entry("a", "1", "../../../../../../../../../../../../../a"), "hexadecimal digits");
    refused(entry("a", "\"1\"", OID), "[0].size: expected an integer, found \"1\"");
    refused(
        "{\"type\":\"file\",\"path\":\"a\",\"size\":1}",
        "[0].oid: expected a string, found nothing");
    refused(entry("a") + "," + entry("a"), "its listing has a twice");
    refused(entry("a") + "," + entry("a/b/c"), "has a file where a/b/c needs a folder");
    refused("}", "invalid JSON");
  }

  private void refused(String entries, String cause) {
    hub.next(TREE, text("[" + entries + "]"));
    String message = failure();
    assertTrue(message.startsWith("owner/name: "), message);
    assertTrue(message.contains(cause), message);
  }

  @Test
  void refusesACommitThatIsNone() {
    hub.next(HubServer.REVISION, text("{\"sha\":\"../../x\"}"));
    assertEquals(
        "owner/name: expected a commit of 40 hexadecimal digits, found ../../x", failure());
    hub.next(HubServer.REVISION, text("<html>"));
    assertTrue(failure().contains("invalid JSON"));
  }

  @Test
  void readsNoListingWithoutEnd() {
    String entries =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "{\"type\":\"directory\",\"path\":\"d\"}")
            .collect(Collectors.joining(",", "[", "]"));
    HttpHandler[] pages = new HttpHandler[6];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = page(entries, "<" + TREE + "?cursor=" + i + ">; rel=\"next\"");
    }
    hub.next(TREE, pages);
    assertEquals("owner/name: expected a listing of at most 100000 files, found more", failure());
    hub.next(TREE, page("[]", "<" + TREE + "?cursor=1>; rel=\"next\""));
    assertTrue(failure().endsWith("found more"), "empty pages");
    HttpHandler circle = page("[" + entry("a") + "]", "<" + TREE + "?cursor=1>; rel=\"next\"");
    hub.next(TREE, circle, circle);
    assertEquals("owner/name: the pages of its listing go round in circles", failure());
  }

  @Test
  void readsNoPageWithoutEnd() {
    hub.next(
        TREE,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write(new byte[1 << 20]);
          }
        });
    assertEquals(
        hub.endpoint() + TREE + ": expected a response of at most 33554432 bytes", failure());
  }

  @Test
  void staysAtTheEndpoint() {
    hub.next(TREE, page("[" + entry("a") + "]", "<https://other.example/x?y>; rel=\"next\""));
    assertEquals(
        hub.endpoint() + TREE + ": names a next page on another server: https://other.example/x",
        failure());
  }
}
