package dev.orrery.runtime.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file or a folder that is being written under a temporary name beside the one it will get. A
 * reader sees what was there before or the complete new one. Closing without {@link #commit} leaves
 * nothing behind.
 *
 * <p>An empty folder that is there stays the same folder, with its rights, though it be a link, a
 * mounted disk or where a shell is: the temporary name is within it, and in the end its entries
 * appear one after the other.
 */
public final class PendingOutput implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final boolean folder;
  private final boolean within;
  private boolean open = true;

  private PendingOutput(Path target, boolean folder) throws IOException {
    this.target = target.toAbsolutePath();
    this.folder = folder;
    // No process id: in a container it is always the same, and a killed process leaves its file.
    String name = "." + target.getFileName() + "." + Long.toHexString(System.nanoTime()) + ".part";
    this.within = folder && Files.isDirectory(target);
    this.temporary = within ? this.target.resolve(name) : this.target.resolveSibling(name);
    if (folder) {
      Files.createDirectory(temporary);
    } else {
      Files.createFile(temporary);
    }
  }

  /**
   * Creates an empty temporary file; a file at the target is replaced in the end.
   *
   * @throws IOException as the file system reports it, for callers with messages of their own;
   *     {@link #file} has one for the user
   */
  public static PendingOutput begin(Path target) throws IOException {
    return new PendingOutput(target, false);
  }

  /**
   * Creates an empty temporary file; a file at the target is replaced in the end.
   *
   * @throws IOException with one line for the user, as {@link #requireFile} or if it cannot be
   *     written
   */
  public static PendingOutput file(Path target) throws IOException {
    requireFile(target);
    return create(target, false);
  }

  /**
   * Requires what {@link #file} does, without making anything.
   *
   * @throws IOException with one line for the user, if the target is a folder or lies in none
   */
  public static void requireFile(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + ": is a folder");
    }
    requireParent(target);
  }

  /**
   * Creates an empty temporary folder; at the target may be nothing or an empty folder.
   *
   * @throws IOException with one line for the user, as {@link #requireFolder} or if it cannot be
   *     written
   */
  public static PendingOutput folder(Path target) throws IOException {
    requireFolder(target);
    return create(target, true);
  }

  /**
   * Requires what {@link #folder} does, without making anything.
   *
   * @throws IOException with one line for the user, if something is at the target, or it lies in no
   *     folder
   */
  public static void requireFolder(Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isDirectory(target)) {
        throw new IOException(target + ": is a file, not a folder");
      }
      if (!entries(target).isEmpty()) {
        throw new IOException(target + ": the folder is not empty");
      }
    }
    requireParent(target);
  }

  /** Writes what a file will hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes into an empty file that is there. */
    void writeTo(Path file) throws IOException;
  }

  /**
   * Writes a file as a whole; one that is there is replaced when the new one is complete.
   *
   * @throws IOException with one line for the user; nothing is left of the new file then
   */
  public static void write(Path target, Content content) throws IOException {
    try (PendingOutput output = file(target)) {
      try {
        content.writeTo(output.temporary());
      } catch (IOException e) {
        throw output.explained(e);
      }
      output.commit();
    }
  }

  /** The temporary name, absolute. */
  public Path temporary() {
    return temporary;
  }

  /** Whether it was neither committed nor closed. */
  public boolean isOpen() {
    return open;
  }

  /** Fails if it was committed or closed. */
  public void checkOpen() throws IOException {
    if (!open) {
      throw new IOException(target + ": the output was closed");
    }
  }

  /**
   * Gives the temporary file or folder its name.
   *
   * @throws IOException with one line for the user
   */
  public void commit() throws IOException {
    try {
      moveIntoPlace();
    } catch (IOException e) {
      throw explained(e);
    }
  }

  /**
   * Gives the temporary file or folder its name.
   *
   * @throws IOException as the file system reports it
   */
  public void moveIntoPlace() throws IOException {
    if (within) {
      moveEntries();
    } else {
      // Not every system can move a folder to an empty one in one step.
      CopyOption how =
          folder ? StandardCopyOption.REPLACE_EXISTING : StandardCopyOption.ATOMIC_MOVE;
      Files.move(temporary, target, how);
    }
    open = false;
  }

  private void moveEntries() throws IOException {
    if (entries(target).size() > 1) {
      throw new FileSystemException(target.toString(), null, "the folder is not empty any more");
    }
    for (Path entry : entries(temporary)) {
      Files.move(entry, target.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.delete(temporary);
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  /** Deletes the temporary file or folder, as far as possible, unless it has its name. */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    try {
      delete(temporary);
    } catch (IOException e) {
      System.getLogger(PendingOutput.class.getName())
          .log(System.Logger.Level.WARNING, "cannot delete " + temporary, e);
    }
  }

  /** An exception with one line for the user: the file he named and what is wrong with it. */
  public IOException explained(IOException e) {
    return explained(target, e);
  }

  private static IOException explained(Path target, IOException e) {
    return new IOException(target.toAbsolutePath() + ": cannot be written (" + reason(e) + ")", e);
  }

  private static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      for (Path entry : entries(path)) {
        delete(entry);
      }
    }
    Files.deleteIfExists(path);
  }

  private static void requireParent(Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      throw new IOException(target + ": the folder " + parent + " does not exist");
    }
  }

  private static PendingOutput create(Path target, boolean folder) throws IOException {
    try {
      return new PendingOutput(target, folder);
    } catch (IOException e) {
      throw explained(target, e);
    }
  }

  /** What the system said; encoders hide it in the causes of exceptions of their own. */
  private static String reason(IOException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return switch (root) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such folder";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      default -> root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    };
  }
}
