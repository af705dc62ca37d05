package dev.orrery.weights.hub;

import dev.orrery.weights.hub.DownloadPlan.Item;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Downloads files of one repository. Files are received one after the other; each is complete and
 * checked before it gets its name, so it can be used whatever happens to the others. Interrupting
 * the thread cancels; what was received so far is kept and the next download goes on from there.
 */
public final class HubDownload implements AutoCloseable {
  private final HubSettings settings;
  private final RepositoryId repository;
  private final Destination destination;
  private final Timing timing;
  private final DownloadProgress progress;
  private final HubClient client;

  /**
   * Prepares; nothing is sent yet.
   *
   * @param settings the hub and the cache
   * @param repository which repository
   * @param folder gets the files themselves; empty for the cache
   * @param progress receives the bytes so far, and failures that may pass
   */
  public HubDownload(
      HubSettings settings,
      RepositoryId repository,
      Optional<Path> folder,
      DownloadProgress progress) {
    this(settings, repository, folder, progress, Timing.DEFAULT);
  }

  HubDownload(
      HubSettings settings,
      RepositoryId repository,
      Optional<Path> folder,
      DownloadProgress progress,
      Timing timing) {
    this.settings = settings;
    this.repository = repository;
    this.destination =
        folder.isPresent()
            ? new LocalFolder(folder.get())
            : new HubCache(settings.cache(), repository);
    this.timing = timing;
    this.progress = progress;
    this.client = new HubClient(settings, timing, progress);
  }

  /**
   * Asks the hub what there is and compares it with what is on disk.
   *
   * @param revision a branch, tag or commit, such as {@code main}
   * @param selection which files
   * @throws IllegalArgumentException if the revision is not a possible one
   * @throws HubException if the hub does not answer, refuses, or has no such files
   * @throws InterruptedException if cancelled
   */
  public DownloadPlan plan(String revision, FileSelection selection)
      throws HubException, InterruptedException {
    requireRevision(revision);
    if (settings.offline()) {
      throw new HubException(repository.text(), "HF_HUB_OFFLINE is set, so the hub is not asked");
    }
    RepositoryListing listing =
        RepositoryListing.of(client, repository, revision, selection.wanted());
    requireFiles(
        repository + " at " + revision,
        selection,
        listing.files().stream().map(HubFile::path).toList());
    List<Item> items = new ArrayList<>();
    try {
      for (HubFile file : listing.files()) {
        items.add(item(file));
      }
    } catch (HubException e) {
      throw unlessCancelled(e);
    }
    return new DownloadPlan(
        repository,
        revision,
        listing.commit(),
        destination.folder(listing.commit()),
        List.copyOf(items));
  }

  /**
   * Downloads what is missing.
   *
   * @param plan what to download
   * @return the folder that now has the files
   * @throws HubException if a file cannot be received or written
   * @throws InterruptedException if cancelled
   */
  public Path run(DownloadPlan plan) throws HubException, InterruptedException {
    requireSpace(plan);
    long total = plan.totalBytes();
    long before = 0;
    try {
      for (Item item : plan.items()) {
        HubFile file = item.file();
        long others = before;
        fetch(plan.commit(), item, done -> progress.report(file, others + done, total));
        before += file.size();
        progress.report(file, before, total);
      }
      destination.finish(plan.revision(), plan.commit());
    } catch (HubException e) {
      throw unlessCancelled(e);
    }
    return plan.folder();
  }

  /**
   * The folder in the cache that has the files, without asking the hub. Whether all files of a
   * selection without names are there is not known.
   *
   * @throws HubException if it does not have the revision, or not all files that are named
   */
  public Path cached(String revision, FileSelection selection) throws HubException {
    requireRevision(revision);
    HubCache cache = new HubCache(settings.cache(), repository);
    String subject = repository + " at " + revision;
    String commit =
        cache
            .commit(revision)
            .filter(known -> Files.isDirectory(cache.folder(known)))
            .orElseThrow(() -> new HubException(subject, "not in the cache " + settings.cache()));
    List<String> paths = cache.paths(commit).stream().filter(selection.wanted()).toList();
    requireFiles(subject + " in the cache " + settings.cache(), selection, paths);
    return cache.folder(commit);
  }

  private void fetch(String commit, Item item, LongConsumer received)
      throws HubException, InterruptedException {
    HubFile file = item.file();
    try (DownloadLock _ = DownloadLock.acquire(destination.lock(file), timing.clock())) {
      // Asked again under the lock: another process may have been faster.
      if (!item.held() && !destination.holds(file)) {
        try (PartialFile partial = PartialFile.open(destination.partial(file), file)) {
          new FileDownload(client, repository, commit, file).into(partial, received);
          partial.moveTo(destination.content(file));
        }
      }
      destination.publish(commit, file);
    }
  }

  private Item item(HubFile file) throws HubException {
    if (destination.holds(file)) {
      return new Item(file, true, file.size());
    }
    Path partial = destination.partial(file);
    try {
      long received = Files.exists(partial) ? Math.min(Files.size(partial), file.size()) : 0;
      return new Item(file, false, received);
    } catch (IOException e) {
      throw HubException.cannotRead(partial, e);
    }
  }

  /**
   * Interrupting a thread that reads or writes a file closes the file, which looks like a failure.
   */
  private static HubException unlessCancelled(HubException e) throws InterruptedException {
    if (e.getCause() instanceof ClosedByInterruptException) {
      Thread.interrupted();
      throw new InterruptedException("cancelled");
    }
    return e;
  }

  /** Rather now than after hours. A file system that does not know says 0. */
  private static void requireSpace(DownloadPlan plan) throws HubException {
    Path folder = plan.folder();
    while (!Files.exists(folder)) {
      folder = folder.getParent();
    }
    try {
      long usable = Files.getFileStore(folder).getUsableSpace();
      if (usable > 0 && usable < plan.missingBytes()) {
        throw new HubException(
            folder.toString(),
            String.format(
                Locale.ROOT,
                "expected room for %,d bytes, found %,d",
                plan.missingBytes(),
                usable));
      }
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw HubException.cannotRead(folder, e);
    }
  }

  /** A revision becomes the name of a file in the cache. */
  private static void requireRevision(String revision) {
    RepositoryPath.problem(revision)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(
                  "expected a revision such as main, found \"" + revision + "\": " + problem);
            });
  }

  private static void requireFiles(String subject, FileSelection selection, List<String> paths)
      throws HubException {
    List<String> missing = selection.missing(paths);
    if (!missing.isEmpty()) {
      throw new HubException(subject, "no file " + String.join(", ", missing));
    }
    if (paths.isEmpty()) {
      throw new HubException(subject, "no file that is wanted");
    }
  }

  /** Ends all connections. */
  @Override
  public void close() {
    client.close();
  }
}
