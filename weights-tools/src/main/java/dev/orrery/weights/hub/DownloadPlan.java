package dev.orrery.weights.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * What a download will do.
 *
 * @param repository the repository
 * @param revision the branch, tag or commit that was asked for
 * @param commit what it is now
 * @param folder where the files will be found
 * @param items the selected files
 */
public record DownloadPlan(
    RepositoryId repository, String revision, String commit, Path folder, List<Item> items) {
  /**
   * One file.
   *
   * @param file as listed
   * @param held whether it is there, complete and checked
   * @param present how many of its bytes are on disk already
   */
  public record Item(HubFile file, boolean held, long present) {}

  /** Bytes of all files. */
  public long totalBytes() {
    return items.stream().mapToLong(item -> item.file().size()).sum();
  }

  /** Bytes that are to be received. */
  public long missingBytes() {
    return items.stream().mapToLong(item -> item.file().size() - item.present()).sum();
  }
}
