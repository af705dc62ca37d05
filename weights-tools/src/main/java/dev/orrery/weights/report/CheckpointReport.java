package dev.orrery.weights.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.source.FolderFiles;
import dev.orrery.weights.source.StoredTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What checkpoints contain, from their headers alone: tensors, parameters, bytes and metadata.
 *
 * @param path the file or folder that was asked for
 * @param contents the checkpoints found there, in order of their paths
 */
public record CheckpointReport(Path path, List<Content> contents) {
  /**
   * A model folder has one level of sub-folders for its networks; below that nothing is looked for.
   */
  private static final int MAX_DEPTH = 3;

  /** Types to compute with in the order of {@link DType}, then the others by name. */
  private static final Comparator<StoredType> ORDER =
      Comparator.comparing(
              (StoredType type) -> type.dtype().map(DType::ordinal).orElse(Integer.MAX_VALUE))
          .thenComparing(StoredType::name);

  /**
   * One checkpoint.
   *
   * @param path the file, or the index of several
   * @param metadata the free-form entries of its files
   * @param tensors its tensors, file after file, in the order of their data
   */
  public record Content(Path path, Map<String, String> metadata, List<TensorSpec> tensors) {}

  /**
   * A number of tensors taken together.
   *
   * @param tensors how many
   * @param parameters their elements
   * @param bytes their size
   */
  public record Total(long tensors, long parameters, long bytes) {
    static Total of(Collection<TensorSpec> tensors) {
      return new Total(
          tensors.size(),
          tensors.stream().mapToLong(tensor -> tensor.shape().elements()).sum(),
          tensors.stream().mapToLong(TensorSpec::byteSize).sum());
    }
  }

  /**
   * Reads the headers of a checkpoint, or of all checkpoints of a folder and its sub-folders.
   *
   * @throws CheckpointException if there is none, or one is not valid
   */
  public static CheckpointReport of(Path path) {
    return new CheckpointReport(
        path, checkpoints(path).stream().map(CheckpointReport::content).toList());
  }

  private static Content content(Path path) {
    try (StoredTensors stored = StoredTensors.openAll(path)) {
      return new Content(path, stored.metadata(), List.copyOf(stored.tensors().values()));
    }
  }

  /**
   * The checkpoints of a folder and its sub-folders, in the order of their paths, without the
   * shards that belong to an index; a file is itself.
   *
   * @throws CheckpointException if there is none, or a folder cannot be read
   */
  public static List<Path> checkpoints(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> found =
        FolderFiles.of(path, MAX_DEPTH).stream().filter(CheckpointReport::isKnown).toList();
    Set<Path> shards = new HashSet<>();
    for (Path index : found) {
      if (index.toString().endsWith(".json")) {
        shards.addAll(shards(index));
      }
    }
    List<Path> whole =
        found.stream().filter(file -> !shards.contains(file.toAbsolutePath())).toList();
    if (whole.isEmpty()) {
      throw new CheckpointException(
          path.toString(), "expected .safetensors, .pth, .pt or .ckpt files, found none");
    }
    return whole;
  }

  /** The shards of an index that can be opened; what is wrong is told when it is read itself. */
  private static List<Path> shards(Path index) {
    try (Checkpoint checkpoint = Checkpoint.open(index, fault -> {})) {
      return checkpoint.files().stream().map(file -> file.path().toAbsolutePath()).toList();
    } catch (CheckpointException e) {
      return List.of();
    }
  }

  private static boolean isKnown(Path file) {
    return Checkpoint.isCheckpoint(file) || StoredTensors.isTorchArchive(file);
  }

  /** All tensors of all checkpoints together. */
  public Total total() {
    return Total.of(contents.stream().flatMap(content -> content.tensors().stream()).toList());
  }

  /** Totals of one checkpoint by element type. */
  public static Map<StoredType, Total> byType(Content content) {
    Map<StoredType, List<TensorSpec>> groups = new TreeMap<>(ORDER);
    for (TensorSpec tensor : content.tensors()) {
      groups.computeIfAbsent(tensor.type(), type -> new ArrayList<>()).add(tensor);
    }
    Map<StoredType, Total> totals = new TreeMap<>(ORDER);
    groups.forEach((type, tensors) -> totals.put(type, Total.of(tensors)));
    return totals;
  }

  /** Bytes in the largest binary unit that gives a number of at least 1, such as 1.5 MiB. */
  public static String size(long bytes) {
    return ReportText.size(bytes);
  }

  /** A line for each checkpoint, for people. */
  public String summary() {
    return new ReportText(false).summary(this);
  }

  /**
   * The report for people.
   *
   * @param everyTensor one line per tensor; otherwise the same tensor of numbered blocks is one
   *     line
   */
  public String text(boolean everyTensor) {
    return new ReportText(everyTensor).of(this);
  }

  /**
   * The report for programs: every tensor, as one JSON object.
   *
   * @param model whose checkpoints these are, if they are of one
   * @param memory of that model
   * @param work of that model
   */
  public String json(
      Optional<ModelReport> model, Optional<MemoryReport> memory, Optional<WorkReport> work) {
    return JsonText.of(
        out -> {
          out.writeStringField("path", path.toString());
          writeTotal(out, "total", total());
          if (model.isPresent()) {
            model.get().writeTo(out, "model");
          }
          if (memory.isPresent()) {
            memory.get().writeTo(out, "memory");
          }
          if (work.isPresent()) {
            work.get().writeTo(out, "work");
          }
          writeContents(out);
        });
  }

  /**
   * The report for programs of a file that is a saved session.
   *
   * @param session what it says about itself
   */
  public String json(SavedSessionReport session) {
    return JsonText.of(
        out -> {
          out.writeStringField("path", path.toString());
          writeTotal(out, "total", total());
          session.writeTo(out, "session");
          writeContents(out);
        });
  }

  private void writeContents(JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("checkpoints");
    for (Content content : contents) {
      writeContent(out, content);
    }
    out.writeEndArray();
  }

  private static void writeContent(JsonGenerator out, Content content) throws IOException {
    out.writeStartObject();
    out.writeStringField("path", content.path().toString());
    out.writeObjectFieldStart("metadata");
    for (var entry : content.metadata().entrySet()) {
      out.writeStringField(entry.getKey(), entry.getValue());
    }
    out.writeEndObject();
    writeTotal(out, "total", Total.of(content.tensors()));
    out.writeObjectFieldStart("dtypes");
    for (var entry : byType(content).entrySet()) {
      writeTotal(out, entry.getKey().name(), entry.getValue());
    }
    out.writeEndObject();
    out.writeArrayFieldStart("tensors");
    for (TensorSpec tensor : content.tensors()) {
      long[] extents = tensor.shape().extents();
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("dtype", tensor.type().name());
      out.writeFieldName("shape");
      out.writeArray(extents, 0, extents.length);
      out.writeNumberField("bytes", tensor.byteSize());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void writeTotal(JsonGenerator out, String name, Total total) throws IOException {
    out.writeObjectFieldStart(name);
    out.writeNumberField("tensors", total.tensors());
    out.writeNumberField("parameters", total.parameters());
    out.writeNumberField("bytes", total.bytes());
    out.writeEndObject();
  }
}
