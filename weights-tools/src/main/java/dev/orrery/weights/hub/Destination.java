package dev.orrery.weights.hub;

import java.nio.file.Path;

/** Where files end up: the cache, or a folder of the user. */
sealed interface Destination permits HubCache, LocalFolder {
  /**
   * What {@link #partial} names end in; not the ending of the Python library, which may run too.
   */
  String PARTIAL_SUFFIX = ".orrery.incomplete";

  /** The folder in which the user finds the files of a commit. */
  Path folder(String commit);

  /** Whether the complete content of a file is there already. */
  boolean holds(HubFile file) throws HubException;

  /** What has been received of a file so far; has its own name for every content. */
  Path partial(HubFile file);

  /** Held while a file is written, against other processes. */
  Path lock(HubFile file);

  /** Where {@link #partial} moves once it is complete. */
  Path content(HubFile file);

  /** Makes the content of a file visible in {@link #folder}. */
  void publish(String commit, HubFile file) throws HubException;

  /** Records which commit a revision was, once all its files are there. */
  void finish(String revision, String commit) throws HubException;
}
