package dev.orrery.weights.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

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

  /** A table of the files and what is to be done, for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Item item : items) {
      String state = item.held() ? "there" : item.present() > 0 ? "begun" : "missing";
      text.append(
          String.format(
              Locale.ROOT,
              "%,16d  %-7s  %s%n",
              item.file().size(),
              state,
              HubException.printable(item.file().path())));
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "%s at %s is commit %s: %d files, %,d bytes, of which %,d are to be received%n",
                repository,
                revision,
                commit,
                items.size(),
                totalBytes(),
                missingBytes()))
        .toString();
  }
}
