package dev.orrery.weights.hub;

/**
 * A file of a repository, as its listing announces it.
 *
 * @param path from the root of the repository, with {@code /}; stays inside the folder it is
 *     resolved in
 * @param size in bytes
 * @param checksum of the content
 */
public record HubFile(String path, long size, Checksum checksum) {
  /** 64 TiB: beyond any file, and sums of as many files as a listing may have stay exact. */
  static final long MAX_SIZE = 1L << 46;

  /**
   * Checks what a server said.
   *
   * @throws IllegalArgumentException if the path could leave its folder or is not possible on every
   *     system, or the size is negative or absurd
   */
  public HubFile {
    RepositoryPath.problem(path)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(
                  "expected a path inside the repository, found \"" + path + "\": " + problem);
            });
    if (size < 0 || size > MAX_SIZE) {
      throw new IllegalArgumentException(
          path + ": expected a size of at most " + MAX_SIZE + " bytes, found " + size);
    }
  }
}
