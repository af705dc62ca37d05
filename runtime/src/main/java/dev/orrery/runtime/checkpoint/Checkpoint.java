package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * The weights of a network on disk: one safetensors file, or several behind an index, seen as one
 * name space. Opening reads headers only.
 *
 * <p>An index {@code X.safetensors.index.json} has a {@code weight_map} from tensor name to file
 * name. It must agree with the files in both directions. Its {@code metadata.total_size} is not
 * used: writers count tied tensors differently, and the headers are exact.
 */
public final class Checkpoint implements TensorSource, AutoCloseable {
  private static final String FILE_SUFFIX = ".safetensors";
  private static final String INDEX_SUFFIX = ".safetensors.index.json";

  private final Path path;
  private final List<SafetensorsFile> files;
  private final Map<String, SafetensorsFile> fileOf;

  private Checkpoint(Path path, List<SafetensorsFile> files) {
    this.path = path;
    this.files = List.copyOf(files);
    this.fileOf = new LinkedHashMap<>();
    for (SafetensorsFile file : files) {
      for (String name : file.tensors().keySet()) {
        SafetensorsFile other = fileOf.put(name, file);
        if (other != null) {
          throw new CheckpointException(
              path.toString(),
              "tensor "
                  + name
                  + ": expected in one file, found in "
                  + other.path().getFileName()
                  + " and "
                  + file.path().getFileName());
        }
      }
    }
  }

  /**
   * Whether a file name is that of a checkpoint: {@code *.safetensors} or {@code
   * *.safetensors.index.json}.
   */
  public static boolean isCheckpoint(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(FILE_SUFFIX) || name.endsWith(INDEX_SUFFIX);
  }

  /**
   * Opens a {@code .safetensors} file or a {@code .safetensors.index.json} with its shards.
   *
   * @throws CheckpointException if a file is missing or invalid, or the index and its shards
   *     disagree
   */
  public static Checkpoint open(Path path) {
    if (!isCheckpoint(path)) {
      throw new CheckpointException(
          path.toString(), "expected a name that ends in " + FILE_SUFFIX + " or " + INDEX_SUFFIX);
    }
    return path.toString().endsWith(INDEX_SUFFIX)
        ? openShards(path)
        : openFiles(path, List.of(path));
  }

  /**
   * Opens {@code stem.safetensors} or {@code stem.safetensors.index.json} of a folder.
   *
   * @throws CheckpointException if neither exists, or as for {@link #open}
   */
  public static Checkpoint find(Path folder, String stem) {
    Path found = path(folder, stem);
    if (Files.exists(found)) {
      return open(found);
    }
    throw new CheckpointException(
        folder.toString(),
        "expected " + stem + FILE_SUFFIX + " or " + stem + INDEX_SUFFIX + ", found neither");
  }

  /**
   * Where the checkpoint {@code stem} of a folder lies: its file, else its index; the file if there
   * is neither.
   */
  public static Path path(Path folder, String stem) {
    Path file = folder.resolve(stem + FILE_SUFFIX);
    Path index = folder.resolve(stem + INDEX_SUFFIX);
    return Files.exists(file) || !Files.exists(index) ? file : index;
  }

  private static Checkpoint openShards(Path index) {
    JsonValue map = JsonValue.read(index).get("weight_map");
    Path folder = index.toAbsolutePath().getParent();
    Map<String, Set<String>> namesOf = new LinkedHashMap<>();
    for (String name : map.keys()) {
      namesOf.computeIfAbsent(map.string(name), file -> new TreeSet<>()).add(name);
    }
    List<Path> shards = new ArrayList<>();
    for (Set<String> names : namesOf.values()) {
      shards.add(shard(folder, map.get(names.iterator().next())));
    }
    Checkpoint checkpoint = openFiles(index, shards);
    try {
      checkpoint.checkIndex(namesOf);
      return checkpoint;
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /**
   * The path of a shard: a plain name in the folder of the index, which may be a link.
   *
   * <p>The name comes from the index, a file from elsewhere, and must not choose among the files of
   * the user; hence no slashes. Where a link of that name leads was decided by whoever made the
   * link, not by the index: following it is no more dangerous than opening a file that the user
   * names. Caches of downloads rely on it, whose folders consist of links to the content.
   */
  private static Path shard(Path folder, JsonValue entry) {
    String name = entry.asString();
    if (name.isEmpty() || name.matches("(?s)\\.\\.?|.*[/\\\\:\\x00].*")) {
      throw entry.unexpected("a plain file name in the folder of the index");
    }
    return folder.resolve(name);
  }

  private static Checkpoint openFiles(Path path, List<Path> paths) {
    List<SafetensorsFile> files = new ArrayList<>();
    try {
      for (Path file : paths) {
        files.add(SafetensorsFile.open(file));
      }
      return new Checkpoint(path, files);
    } catch (RuntimeException e) {
      files.forEach(SafetensorsFile::close);
      throw e;
    }
  }

  private void checkIndex(Map<String, Set<String>> namesOf) {
    for (SafetensorsFile file : files) {
      Set<String> expected = namesOf.get(file.path().getFileName().toString());
      Set<String> found = file.tensors().keySet();
      for (String name : expected) {
        if (!found.contains(name)) {
          throw new CheckpointException(
              path.toString(),
              "tensor "
                  + name
                  + ": expected in "
                  + file.path().getFileName()
                  + ", but missing there");
        }
      }
      for (String name : found) {
        if (!expected.contains(name)) {
          throw new CheckpointException(
              path.toString(),
              "tensor "
                  + name
                  + ": found in "
                  + file.path().getFileName()
                  + ", but not in the weight_map");
        }
      }
    }
  }

  /** The path it was opened by: the file, or the index. */
  public Path path() {
    return path;
  }

  /** The files that hold the tensors. */
  public List<SafetensorsFile> files() {
    return files;
  }

  /** Bytes of all tensors. */
  public long byteSize() {
    return files.stream().mapToLong(SafetensorsFile::byteSize).sum();
  }

  /** Names of all tensors, file after file, in the order of their data. */
  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(fileOf.keySet());
  }

  /** The tensor of a name, over the mapped memory; {@code shape} is for the reader to compare. */
  @Override
  public Optional<Tensor> find(String name, Shape shape) {
    return Optional.ofNullable(fileOf.get(name)).map(file -> file.tensor(name));
  }

  @Override
  public String location(String name) {
    SafetensorsFile file = fileOf.get(name);
    return (file == null ? path : file.path()).toString();
  }

  /**
   * Reads all data into memory, as far as the operating system has room.
   *
   * @param progress gets the bytes read so far, every 32 MiB and at the end of each file
   */
  public void load(LongConsumer progress) {
    long before = 0;
    for (SafetensorsFile file : files) {
      long base = before;
      file.load(bytes -> progress.accept(base + bytes));
      before += file.byteSize();
    }
  }

  /** Unmaps all files; their tensors must no longer be used. Closing twice does nothing. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }
}
