package dev.orrery.weights.verify;

import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.files.NotTextException;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.runtime.files.TextFile;
import dev.orrery.weights.source.FolderFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * SHA-256 digests of files, in the format of {@code sha256sum}: {@code sha256sum -c} in the folder
 * of the files reads what is written here, and the other way round.
 *
 * @param digests hexadecimal digests by path below the folder, with slashes
 */
public record Manifest(Map<String, String> digests) {
  private static final int MAX_DEPTH = 8;
  private static final int BUFFER_BYTES = 1 << 20;

  /** Far more than the lines of any model. */
  private static final long MAX_MANIFEST_BYTES = 16_000_000;

  /** Digest, then a blank or the asterisk of binary mode, then the path. */
  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](.+)");

  /** Copies the digests, in the order of their paths. */
  public Manifest {
    digests = java.util.Collections.unmodifiableMap(new TreeMap<>(digests));
  }

  /**
   * Digests of a file, or of all files of a folder and its sub-folders but hidden ones.
   *
   * @param except a file to leave out, if it is there: the manifest itself; may be null
   * @param progress receives progress in MiB; an exception that it throws ends the reading
   * @throws CheckpointException if a file cannot be read, or has a name that a manifest cannot hold
   */
  public static Manifest of(Path path, Path except, Progress progress) {
    Map<String, String> digests = new TreeMap<>();
    for (Path file : files(path)) {
      if (except != null && file.toAbsolutePath().equals(except.toAbsolutePath())) {
        continue;
      }
      digests.put(name(folder(path), file), digest(file, progress));
    }
    return new Manifest(digests);
  }

  /**
   * Reads a manifest.
   *
   * @throws CheckpointException if it cannot be read, or a line is none of a manifest
   */
  public static Manifest read(Path manifest) {
    try {
      Map<String, String> digests = new TreeMap<>();
      int number = 0;
      String text = TextFile.read(manifest, MAX_MANIFEST_BYTES);
      for (String line : text.lines().toList()) {
        number++;
        Matcher parts = LINE.matcher(line);
        if (!parts.matches() || !isBelow(parts.group(2))) {
          throw new CheckpointException(
              manifest.toString(),
              "line "
                  + number
                  + ": expected a SHA-256 digest, two blanks and a path below the folder, found \""
                  + line.substring(0, Math.min(100, line.length()))
                  + '"');
        }
        digests.put(parts.group(2), parts.group(1).toLowerCase(java.util.Locale.ROOT));
      }
      return new Manifest(digests);
    } catch (NotTextException e) {
      throw new CheckpointException(manifest.toString(), e.getMessage(), e);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(manifest, e);
    }
  }

  /**
   * Compares with the files that are there now.
   *
   * @param path the folder of the files, or the only file that is looked at
   * @return a line for each file that is missing or has another digest
   * @throws CheckpointException if a file cannot be read, or the only one is not in the manifest
   */
  public List<String> faults(Path path, Progress progress) {
    Path folder = folder(path);
    Map<String, String> wanted = digests;
    if (!Files.isDirectory(path)) {
      String name = name(folder, path);
      if (!digests.containsKey(name)) {
        throw new CheckpointException(path.toString(), "is not in the manifest");
      }
      wanted = Map.of(name, digests.get(name));
    }
    List<String> faults = new ArrayList<>();
    for (var entry : wanted.entrySet()) {
      Path file = Files.isDirectory(path) ? folder.resolve(entry.getKey()) : path;
      if (!Files.isRegularFile(file)) {
        faults.add(file + ": in the manifest, but missing");
        continue;
      }
      String found = digest(file, progress);
      if (!found.equals(entry.getValue())) {
        faults.add(file + ": expected SHA-256 " + entry.getValue() + ", found " + found);
      }
    }
    return faults;
  }

  /** Writes it, replacing a file that is there. */
  public void write(Path manifest) throws IOException {
    StringBuilder text = new StringBuilder();
    digests.forEach((name, digest) -> text.append(digest).append("  ").append(name).append('\n'));
    PendingOutput.write(manifest, file -> Files.writeString(file, text));
  }

  private static List<Path> files(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    return FolderFiles.of(path, MAX_DEPTH).stream()
        .filter(file -> !isHidden(path.relativize(file)))
        .toList();
  }

  private static boolean isHidden(Path relative) {
    for (Path step : relative) {
      if (step.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static Path folder(Path path) {
    return Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
  }

  private static String name(Path folder, Path file) {
    StringBuilder name = new StringBuilder();
    for (Path step : folder.toAbsolutePath().relativize(file.toAbsolutePath())) {
      name.append(name.isEmpty() ? "" : "/").append(step);
    }
    if (name.chars().anyMatch(c -> c < ' ' || c == '\\')) {
      throw new CheckpointException(
          file.toString(),
          "a name with control characters or backslashes has no place in a manifest");
    }
    return name.toString();
  }

  /** Whether a path from a manifest cannot lead out of the folder. */
  private static boolean isBelow(String name) {
    if (name.startsWith("/") || name.matches(".*[\\\\:\\p{Cntrl}].*")) {
      return false;
    }
    return Stream.of(name.split("/", -1)).noneMatch(step -> step.matches("\\.{0,2}"));
  }

  private static String digest(Path file, Progress progress) {
    String stage = "hashing " + file.getFileName() + ", MiB";
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      int total = (int) Math.max(1, channel.size() >> 20);
      long done = 0;
      while (channel.read(buffer.clear()) >= 0) {
        done += buffer.position();
        digest.update(buffer.flip());
        progress.report(stage, Math.min(total, (int) (done >> 20)), total);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw CheckpointException.cannotRead(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
