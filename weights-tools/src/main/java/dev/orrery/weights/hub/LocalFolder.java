package dev.orrery.weights.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder of the user that gets the files themselves. A file that is there already is read and
 * kept if it has the hash that the hub announced, and replaced if not.
 */
final class LocalFolder implements Destination {
  private final Path folder;

  LocalFolder(Path folder) {
    this.folder = folder.toAbsolutePath();
  }

  @Override
  public Path folder(String commit) {
    return folder;
  }

  @Override
  public boolean holds(HubFile file) throws HubException {
    Path path = content(file);
    try {
      return Files.isRegularFile(path)
          && Files.size(path) == file.size()
          && PartialFile.checksumOf(path, file).equals(file.checksum());
    } catch (IOException e) {
      throw HubException.cannotRead(path, e);
    }
  }

  @Override
  public Path partial(HubFile file) {
    return unfinished().resolve(file.checksum().hex() + PARTIAL_SUFFIX);
  }

  @Override
  public Path lock(HubFile file) {
    return unfinished().resolve(file.checksum().hex() + ".lock");
  }

  @Override
  public Path content(HubFile file) {
    return folder.resolve(file.path());
  }

  @Override
  public void publish(String commit, HubFile file) {
    // The content is where the user looks for it.
  }

  @Override
  public void finish(String revision, String commit) {
    // The folder does not say what it is.
  }

  /** Where the Python library keeps such files too. */
  private Path unfinished() {
    return folder.resolve(".cache").resolve("huggingface").resolve("download");
  }
}
