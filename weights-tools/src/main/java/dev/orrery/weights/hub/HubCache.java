package dev.orrery.weights.hub;

import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One repository in the cache that the Python library {@code huggingface_hub} uses too:
 *
 * <pre>{@code
 * models--owner--name/blobs/CHECKSUM                content
 * models--owner--name/snapshots/COMMIT/PATH         link to ../../blobs/CHECKSUM
 * models--owner--name/refs/REVISION                 commit
 * .locks/models--owner--name/CHECKSUM.lock
 * }</pre>
 *
 * <p>A blob gets its name only after its hash was computed, so one that has its name and the
 * announced size is taken as complete.
 */
final class HubCache implements Destination {
  private final Path root;
  private final Path locks;

  HubCache(Path cache, RepositoryId repository) {
    this.root = cache.toAbsolutePath().resolve(repository.cacheFolder());
    this.locks = cache.toAbsolutePath().resolve(".locks").resolve(repository.cacheFolder());
  }

  @Override
  public Path folder(String commit) {
    return root.resolve("snapshots").resolve(commit);
  }

  @Override
  public boolean holds(HubFile file) throws HubException {
    Path blob = content(file);
    try {
      return Files.isRegularFile(blob) && Files.size(blob) == file.size();
    } catch (IOException e) {
      throw HubException.cannotRead(blob, e);
    }
  }

  @Override
  public Path partial(HubFile file) {
    return root.resolve("blobs").resolve(file.checksum().hex() + PARTIAL_SUFFIX);
  }

  @Override
  public Path lock(HubFile file) {
    return locks.resolve(file.checksum().hex() + ".lock");
  }

  @Override
  public Path content(HubFile file) {
    return root.resolve("blobs").resolve(file.checksum().hex());
  }

  @Override
  public void publish(String commit, HubFile file) throws HubException {
    Path link = folder(commit).resolve(file.path());
    Path blob = content(file);
    try {
      Files.createDirectories(link.getParent());
      if (Files.exists(link) && Files.isSameFile(link, blob)) {
        return;
      }
      Path temporary = link.resolveSibling(file.checksum().hex() + ".link");
      Files.deleteIfExists(temporary);
      try {
        Files.createSymbolicLink(temporary, link.getParent().relativize(blob));
      } catch (UnsupportedOperationException | FileSystemException e) {
        // Windows allows symbolic links to few users, and hard links to all.
        Files.createLink(temporary, blob);
      }
      Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw HubException.cannotWrite(link, e);
    }
  }

  @Override
  public void finish(String revision, String commit) throws HubException {
    if (revision.equals(commit)) {
      return;
    }
    Path ref = ref(revision);
    try {
      Files.createDirectories(ref.getParent());
      try (PendingOutput pending = PendingOutput.begin(ref)) {
        Files.write(pending.temporary(), commit.getBytes(StandardCharsets.US_ASCII));
        pending.moveIntoPlace();
      }
    } catch (IOException e) {
      throw HubException.cannotWrite(ref, e);
    }
  }

  /** The commit that a revision was when it was last downloaded. */
  Optional<String> commit(String revision) throws HubException {
    if (RepositoryListing.COMMIT.matcher(revision).matches()) {
      return Optional.of(revision);
    }
    Path ref = ref(revision);
    if (!Files.isRegularFile(ref)) {
      return Optional.empty();
    }
    try {
      String commit = Files.readString(ref).strip();
      if (!RepositoryListing.COMMIT.matcher(commit).matches()) {
        throw new HubException(ref.toString(), "expected a commit, found \"" + commit + '"');
      }
      return Optional.of(commit);
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw HubException.cannotRead(ref, e);
    }
  }

  /** The paths of all files that are there of a commit, in alphabetical order. */
  List<String> paths(String commit) throws HubException {
    Path folder = folder(commit);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          // A link whose blob was removed leads nowhere.
          .filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw HubException.cannotRead(folder, e);
    }
  }

  private Path ref(String revision) {
    return root.resolve("refs").resolve(revision);
  }
}
