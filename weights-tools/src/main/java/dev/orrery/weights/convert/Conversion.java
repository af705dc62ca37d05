package dev.orrery.weights.convert;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.weights.source.StoredTensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies the tensors of a checkpoint of any format into safetensors files. Memory use does not
 * depend on the size of the checkpoint or of its tensors.
 *
 * @param names what becomes of tensor names
 * @param type what becomes of element types
 * @param shardBytes the most bytes of data in one file
 */
public record Conversion(NameRule names, TargetType type, long shardBytes) {
  /** Everything in one file. */
  public static final long ONE_FILE = Long.MAX_VALUE;

  /** Refuses file sizes that are not positive. */
  public Conversion {
    if (shardBytes < 1) {
      throw new IllegalArgumentException("shardBytes: expected 1 or more, found " + shardBytes);
    }
  }

  /**
   * Converts a checkpoint.
   *
   * @param input a safetensors file, an index or a PyTorch archive
   * @param key the dictionary of a PyTorch archive whose tensors are meant, or the keys that lead
   *     to it, joined with dots; empty for all
   * @param output the safetensors file to write, or, if the data exceeds the limit of a file, the
   *     name that those of the shards and the index are made from. Nothing that exists is replaced
   * @param progress receives progress in MiB; an exception that it throws ends the conversion
   * @return the files, in the order of their data, the index last
   * @throws CheckpointException if the input is not valid, or does not fit the settings
   * @throws IOException if the output cannot be written; there are no parts of it then
   */
  public List<Path> convert(Path input, String key, Path output, Progress progress)
      throws IOException {
    String name = String.valueOf(output.getFileName());
    if (!name.endsWith(ShardPlan.FILE_ENDING) || name.length() == ShardPlan.FILE_ENDING.length()) {
      throw new CheckpointException(
          output.toString(), "expected an output whose name ends in " + ShardPlan.FILE_ENDING);
    }
    String stem = name.substring(0, name.length() - ShardPlan.FILE_ENDING.length());
    refuseExisting(output);
    refuseExisting(output.resolveSibling(name + ".index.json"));
    try (StoredTensors tensors = StoredTensors.open(input, key);
        PendingOutput pending = PendingOutput.folder(output)) {
      List<Path> written = into(pending.temporary(), stem, tensors, progress);
      return moveBeside(output, written);
    }
  }

  /** Whether a tensor holds the scales of a quantised one, which are no weights themselves. */
  private static boolean isScale(
      String name, Map<String, String> storedName, StoredTensors tensors) {
    if (!name.endsWith(Quantization.SCALE_SUFFIX)) {
      return false;
    }
    String values =
        storedName.get(name.substring(0, name.length() - Quantization.SCALE_SUFFIX.length()));
    return values != null
        && tensors.tensors().get(values).type().dtype().filter(DType::isWeightType).isEmpty();
  }

  private static void refuseExisting(Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw CheckpointException.exists(file);
    }
  }

  private static List<Path> moveBeside(Path output, List<Path> written) throws IOException {
    List<Path> moved = new ArrayList<>();
    try {
      for (Path file : written) {
        Path target = output.resolveSibling(file.getFileName());
        refuseExisting(target);
        Files.move(file, target);
        moved.add(target);
      }
      return moved;
    } catch (IOException | RuntimeException e) {
      for (Path file : moved) {
        Files.deleteIfExists(file);
      }
      throw e;
    }
  }

  /**
   * Writes the converted tensors into a folder that is not in use yet.
   *
   * @return the files, the index last
   */
  List<Path> into(Path folder, String stem, StoredTensors tensors, Progress progress)
      throws IOException {
    Map<String, String> storedName = names.apply(tensors);
    List<TensorSpec> specs = new ArrayList<>();
    storedName.forEach(
        (name, stored) -> {
          TensorSpec spec = tensors.tensors().get(stored);
          StoredType target =
              isScale(name, storedName, tensors) ? spec.type() : type.of(spec.type());
          specs.add(
              target.equals(spec.type())
                  ? new TensorSpec(name, target, spec.shape(), spec.byteSize())
                  : new TensorSpec(name, target.dtype().orElseThrow(), spec.shape()));
        });
    if (specs.isEmpty()) {
      throw new CheckpointException(tensors.path().toString(), "expected tensors, found none");
    }
    ShardPlan plan = ShardPlan.of(stem, specs, shardBytes);
    requireSpace(folder, specs);
    // The key that Python's loaders look for before they take a file.
    Map<String, String> metadata = new LinkedHashMap<>(tensors.metadata());
    metadata.putIfAbsent("format", "pt");
    try (ShardedWriter writer = new ShardedWriter(folder, plan, metadata)) {
      ElementConversion conversion = new ElementConversion();
      ByteCount done = new ByteCount("converting " + stem + ", MiB", specs, progress);
      writer.write(
          target -> {
            TensorSpec source = tensors.tensors().get(storedName.get(target.name()));
            tensors.read(
                source.name(),
                piece -> {
                  MemorySegment converted = converted(tensors, source, target, piece, conversion);
                  writer.append(target.name(), converted);
                  done.add(converted.byteSize());
                });
          });
    }
    return plan.files(folder);
  }

  private static MemorySegment converted(
      StoredTensors tensors,
      TensorSpec source,
      TensorSpec target,
      MemorySegment piece,
      ElementConversion conversion) {
    if (source.type().equals(target.type())) {
      return piece;
    }
    try {
      return conversion.convert(piece, source.dtype(), target.dtype());
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          tensors.location(source.name()), "tensor " + source.name() + ": " + e.getMessage(), e);
    }
  }

  /** Fails at once, rather than when the disk is full. */
  private static void requireSpace(Path folder, List<TensorSpec> specs) throws IOException {
    long needed = specs.stream().mapToLong(TensorSpec::byteSize).sum();
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          folder.toAbsolutePath().getParent()
              + ": expected room for "
              + needed
              + " bytes, found "
              + free);
    }
  }

  /** Progress over the tensors of one checkpoint. */
  private static final class ByteCount {
    private final String stage;
    private final int total;
    private final Progress progress;
    private long bytes;

    ByteCount(String stage, List<TensorSpec> specs, Progress progress) {
      this.stage = stage;
      this.total = mebibytes(specs.stream().mapToLong(TensorSpec::byteSize).sum());
      this.progress = progress;
    }

    void add(long more) {
      bytes += more;
      progress.report(stage, Math.min(total, (int) (bytes >> 20)), total);
    }

    private static int mebibytes(long bytes) {
      return (int) Math.max(1, bytes >> 20);
    }
  }
}
