package dev.orrery.weights.hub;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.weights.hub.HubClient.HubResponse;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a hub says a repository holds at one commit.
 *
 * @param commit its hash
 * @param files in the order of the hub
 */
record RepositoryListing(String commit, List<HubFile> files) {
  static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** A page of a listing has some hundred kilobytes. */
  private static final int MAX_PAGE_BYTES = 32 << 20;

  /** The largest repositories of models have thousands of files. */
  static final int MAX_FILES = 100_000;

  private static final Pattern NEXT = Pattern.compile("<([^<>]+)>\\s*;[^,]*\\brel=\"?next\"?");

  /**
   * Requests a listing. First the commit, so that all files come from the same one even if somebody
   * uploads meanwhile.
   *
   * @param wanted which paths are of interest; others need not be usable
   * @throws HubException if the responses make no sense, or there are none
   */
  static RepositoryListing of(
      HubClient client, RepositoryId repository, String revision, Predicate<String> wanted)
      throws HubException, InterruptedException {
    try {
      return read(client, repository, revision, wanted);
    } catch (CheckpointException e) {
      throw new HubException(repository.text(), e.getMessage(), e);
    }
  }

  private static RepositoryListing read(
      HubClient client, RepositoryId repository, String revision, Predicate<String> wanted)
      throws HubException, InterruptedException {
    String api = "/api/models/" + repository;
    URI uri = client.at(api + "/revision/" + HubClient.encoded(revision));
    String commit = page(client, repository, uri).json().string("sha");
    if (!COMMIT.matcher(commit).matches()) {
      throw new HubException(
          repository.text(), "expected a commit of 40 hexadecimal digits, found " + commit);
    }
    List<HubFile> files = new ArrayList<>();
    Set<URI> seen = new HashSet<>();
    Optional<URI> next = Optional.of(client.at(api + "/tree/" + commit + "?recursive=true"));
    int entries = 0;
    while (next.isPresent()) {
      if (!seen.add(next.get())) {
        throw new HubException(repository.text(), "the pages of its listing go round in circles");
      }
      Page page = page(client, repository, next.get());
      List<JsonValue> values = page.json().asList();
      entries += values.size();
      if (entries > MAX_FILES || (values.isEmpty() && page.next().isPresent())) {
        throw new HubException(
            repository.text(), "expected a listing of at most " + MAX_FILES + " files, found more");
      }
      for (JsonValue value : values) {
        if (value.string("type").equals("file") && wanted.test(value.string("path"))) {
          files.add(file(repository, value));
        }
      }
      next = page.next();
    }
    requireDistinct(repository, files);
    return new RepositoryListing(commit, List.copyOf(files));
  }

  private record Page(JsonValue json, Optional<URI> next) {}

  private static Page page(HubClient client, RepositoryId repository, URI uri)
      throws HubException, InterruptedException {
    String shown = HubClient.shown(uri);
    Retry retry = client.retry(shown);
    while (true) {
      try (HubResponse response = client.get(repository, uri, Map.of())) {
        if (response.status() != 200) {
          throw new HubException(shown, "expected HTTP 200, found " + response.status());
        }
        byte[] text = response.body().all(MAX_PAGE_BYTES, shown);
        return new Page(JsonValue.parse(shown, text), next(client, uri, response));
      } catch (IOException e) {
        retry.after(e);
      }
    }
  }

  private static Optional<URI> next(HubClient client, URI uri, HubResponse response)
      throws HubException {
    Matcher link = NEXT.matcher(response.header("link").orElse(""));
    if (!link.find()) {
      return Optional.empty();
    }
    URI next;
    try {
      next = uri.resolve(link.group(1));
    } catch (IllegalArgumentException e) {
      throw new HubException(HubClient.shown(uri), "names an invalid address as next page", e);
    }
    if (!client.isEndpoint(next)) {
      throw new HubException(
          HubClient.shown(uri), "names a next page on another server: " + HubClient.shown(next));
    }
    return Optional.of(next);
  }

  private static HubFile file(RepositoryId repository, JsonValue entry) throws HubException {
    try {
      if (entry.has("lfs")) {
        JsonValue lfs = entry.get("lfs");
        return new HubFile(
            entry.string("path"),
            lfs.get("size").asLong(),
            new Checksum(Checksum.Kind.SHA256, lfs.string("oid")));
      }
      return new HubFile(
          entry.string("path"),
          entry.get("size").asLong(),
          new Checksum(Checksum.Kind.GIT_BLOB, entry.string("oid")));
    } catch (IllegalArgumentException e) {
      throw new HubException(repository.text(), "its listing: " + e.getMessage(), e);
    }
  }

  /** Two files of one path would overwrite each other; a file cannot be a folder as well. */
  private static void requireDistinct(RepositoryId repository, List<HubFile> files)
      throws HubException {
    Set<String> paths = new HashSet<>();
    for (HubFile file : files) {
      if (!paths.add(file.path())) {
        throw new HubException(repository.text(), "its listing has " + file.path() + " twice");
      }
    }
    for (HubFile file : files) {
      for (int slash = file.path().indexOf('/');
          slash >= 0;
          slash = file.path().indexOf('/', slash + 1)) {
        if (paths.contains(file.path().substring(0, slash))) {
          throw new HubException(
              repository.text(), "its listing has a file where " + file.path() + " needs a folder");
        }
      }
    }
  }
}
