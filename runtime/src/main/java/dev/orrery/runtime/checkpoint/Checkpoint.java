package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
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
import java.util.function.Consumer;
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
  private final List<SafetensorsFile> files = new ArrayList<>();
  private final Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
  private final Set<String> lost = new TreeSet<>();

  private Checkpoint(Path path) {
    this.path = path;
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
    return open(
        path,
        fault -> {
          throw fault;
        });
  }

  /**
   * As {@link #open(Path)}, but opens what can be opened: for tools that tell all that is wrong.
   *
   * @param faults gets everything that is wrong with shards, and between them and their index; an
   *     exception that it throws ends the opening
   * @throws CheckpointException if the file, or the index itself, is missing or invalid
   */
  public static Checkpoint open(Path path, Consumer<CheckpointException> faults) {
    if (!isCheckpoint(path)) {
      throw new CheckpointException(
          path.toString(), "expected a name that ends in " + FILE_SUFFIX + " or " + INDEX_SUFFIX);
    }
    Checkpoint checkpoint = new Checkpoint(path);
    try {
      if (path.toString().endsWith(INDEX_SUFFIX)) {
        checkpoint.addShards(faults);
      } else {
        checkpoint.add(path, faults);
      }
      return checkpoint;
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
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

  private void addShards(Consumer<CheckpointException> faults) {
    JsonValue map = JsonValue.read(path).get("weight_map");
    Map<String, Set<String>> namesOf = new LinkedHashMap<>();
    for (String name : map.keys()) {
      try {
        namesOf.computeIfAbsent(map.string(name), file -> new TreeSet<>()).add(name);
      } catch (CheckpointException e) {
        lost.add(name);
        faults.accept(e);
      }
    }
    for (Set<String> names : namesOf.values()) {
      try {
        add(shard(map.get(names.iterator().next())), faults);
      } catch (CheckpointException e) {
        lost.addAll(names);
        faults.accept(e);
      }
    }
    checkIndex(namesOf, faults);
  }

  /**
   * The path of a shard: a plain name in the folder of the index, which may be a link.
   *
   * <p>The name comes from the index, a file from elsewhere, and must not choose among the files of
   * the user; hence no slashes. Where a link of that name leads was decided by whoever made the
   * link, not by the index: following it is no more dangerous than opening a file that the user
   * names. Caches of downloads rely on it, whose folders consist of links to the content.
   */
  private Path shard(JsonValue entry) {
    String name = entry.asString();
    if (name.isEmpty() || name.matches("(?s)\\.\\.?|.*[/\\\\:\\x00].*")) {
      throw entry.unexpected("a plain file name in the folder of the index");
    }
    return path.resolveSibling(name);
  }

  private void add(Path shard, Consumer<CheckpointException> faults) {
    SafetensorsFile file = SafetensorsFile.open(shard);
    files.add(file);
    for (String name : file.tensors().keySet()) {
      SafetensorsFile other = fileOf.putIfAbsent(name, file);
      if (other != null) {
        faults.accept(
            refused(
                name,
                "expected in one file, found in "
                    + other.path().getFileName()
                    + " and "
                    + file.path().getFileName()));
      }
    }
  }

  private void checkIndex(Map<String, Set<String>> namesOf, Consumer<CheckpointException> faults) {
    for (SafetensorsFile file : files) {
      Path fileName = file.path().getFileName();
      Set<String> expected = namesOf.get(fileName.toString());
      Set<String> found = file.tensors().keySet();
      for (String name : expected) {
        if (!found.contains(name)) {
          lost.add(name);
          faults.accept(refused(name, "expected in " + fileName + ", but missing there"));
        }
      }
      for (String name : found) {
        if (!expected.contains(name)) {
          faults.accept(refused(name, "found in " + fileName + ", but not in the weight_map"));
        }
      }
    }
    lost.removeAll(fileOf.keySet());
  }

  private CheckpointException refused(String name, String problem) {
    return new CheckpointException(path.toString(), "tensor " + name + ": " + problem);
  }

  /** The path it was opened by: the file, or the index. */
  public Path path() {
    return path;
  }

  /** The files that hold the tensors. */
  public List<SafetensorsFile> files() {
    return Collections.unmodifiableList(files);
  }

  /** Tensors that the index promises and no file that could be opened has. */
  public Set<String> lost() {
    return Collections.unmodifiableSet(lost);
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

  /**
   * The tensor of a name, over the mapped memory; {@code shape} is for the reader to compare.
   *
   * @throws CheckpointException if it has a type that nothing computes with
   */
  @Override
  public Optional<Tensor> find(String name, Shape shape) {
    return Optional.ofNullable(fileOf.get(name)).map(file -> file.tensor(name));
  }

  /** What the header says about a tensor, or empty if there is none of the name. */
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(fileOf.get(name)).map(file -> file.tensors().get(name));
  }

  /**
   * The mapped memory of one tensor of any type; nothing is copied or read.
   *
   * @throws CheckpointException if there is no tensor of that name
   */
  public MemorySegment bytes(String name) {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw new CheckpointException(path.toString(), "tensor " + name + ": expected, but missing");
    }
    return file.bytes(name);
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
