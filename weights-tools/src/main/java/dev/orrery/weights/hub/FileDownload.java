package dev.orrery.weights.hub;

import dev.orrery.weights.hub.HubClient.HubResponse;
import dev.orrery.weights.hub.Retry.TransientFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Receives the content of one file: goes on where an earlier try ended, and checks the hash. */
final class FileDownload {
  /** Who receives this much between two failures may fail again. */
  private static final long PROGRESS_BYTES = 1 << 20;

  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

  private final HubClient client;
  private final RepositoryId repository;
  private final String commit;
  private final HubFile file;
  private final URI uri;

  /** The version of the content that the server sent so far; only strong tags are of use. */
  private Optional<String> tag = Optional.empty();

  /** Whether the content was received in more than one piece, which may not belong together. */
  private boolean pieced;

  FileDownload(HubClient client, RepositoryId repository, String commit, HubFile file) {
    this.client = client;
    this.repository = repository;
    this.commit = commit;
    this.file = file;
    StringBuilder path = new StringBuilder("/" + repository + "/resolve/" + commit);
    for (String part : file.path().split("/")) {
      path.append('/').append(HubClient.encoded(part));
    }
    this.uri = client.at(path.toString());
  }

  /**
   * Receives and checks the content; {@code partial} then holds all of it.
   *
   * @param progress gets the bytes of this file that are there
   * @throws HubException if the server gives up or gives something else
   */
  void into(PartialFile partial, LongConsumer progress) throws HubException, InterruptedException {
    Retry retry = client.retry(file.path());
    pieced = partial.size() > 0;
    boolean again = false;
    while (true) {
      long before = partial.size();
      progress.accept(before);
      try {
        if (!partial.isFull()) {
          receive(partial, progress);
        }
      } catch (IOException e) {
        if (partial.size() - before >= PROGRESS_BYTES) {
          retry.progressed();
        }
        retry.after(e);
        continue;
      }
      Checksum found = partial.checksum();
      if (found.equals(file.checksum())) {
        return;
      }
      if (!pieced || again) {
        partial.discard();
        throw new HubException(
            file.path(), "expected " + file.checksum() + " as listed, but received " + found);
      }
      again = true;
      restart(partial);
    }
  }

  private void restart(PartialFile partial) throws HubException {
    partial.clear();
    tag = Optional.empty();
    pieced = false;
  }

  private void receive(PartialFile partial, LongConsumer progress)
      throws IOException, InterruptedException {
    Map<String, String> headers = new TreeMap<>();
    if (partial.size() > 0) {
      headers.put("Range", "bytes=" + partial.size() + "-");
      tag.ifPresent(value -> headers.put("If-Range", value));
    }
    try (HubResponse response = client.get(repository, uri, headers)) {
      checkIdentity(response);
      position(partial, response);
      tag = response.header("etag").filter(value -> value.startsWith("\""));
      TimedBody body = response.body();
      for (List<ByteBuffer> bytes = body.next(); !bytes.isEmpty(); bytes = body.next()) {
        partial.append(bytes);
        progress.accept(partial.size());
      }
    }
    if (!partial.isFull()) {
      throw new TransientFailure("expected " + file.size() + " bytes, received " + partial.size());
    }
  }

  /** Before much is received: whether the hub speaks of the file that it listed. */
  private void checkIdentity(HubResponse response) throws HubException {
    Map<String, String> hub = response.hubHeaders();
    expect("commit", commit, hub.get("X-Repo-Commit"));
    expect("size", Long.toString(file.size()), hub.get("X-Linked-Size"));
    if (file.checksum().kind() == Checksum.Kind.SHA256) {
      String linked = hub.get("X-Linked-Etag");
      expect("hash", file.checksum().hex(), linked == null ? null : linked.replace("\"", ""));
    }
  }

  private void expect(String what, String listed, String found) throws HubException {
    if (found != null && !found.equals(listed)) {
      throw new HubException(
          file.path(), "expected the " + what + " " + listed + " as listed, found " + found);
    }
  }

  /** Brings the partial file to where the body of a response begins. */
  private void position(PartialFile partial, HubResponse response) throws IOException {
    if (response.status() == 200) {
      if (partial.size() > 0) {
        // The server knows no ranges, or has another version now.
        restart(partial);
      }
      expect("size", Long.toString(file.size()), response.header("content-length").orElse(null));
      return;
    }
    if (partial.size() == 0) {
      throw new TransientFailure("HTTP " + response.status() + " for a request without a range");
    }
    if (response.status() == 416) {
      restart(partial);
      throw new TransientFailure("the server refuses to go on, from the start again");
    }
    String range = response.header("content-range").orElse("");
    Matcher bounds = CONTENT_RANGE.matcher(range);
    if (bounds.matches()) {
      expect("size", Long.toString(file.size()), bounds.group(3));
    }
    if (!bounds.matches() || Long.parseLong(bounds.group(1)) != partial.size()) {
      restart(partial);
      throw new TransientFailure("the server sends another range than asked: " + range);
    }
    Optional<String> found = response.header("etag");
    if (tag.isPresent() && found.isPresent() && !found.equals(tag)) {
      restart(partial);
      throw new TransientFailure("the file changed on the server, from the start again");
    }
    pieced = true;
  }
}
