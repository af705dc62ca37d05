package dev.orrery.weights.convert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes a checkpoint of one or several files into a folder where nobody looks yet. Tensors come in
 * the order of the plan, each in one or several pieces.
 */
final class ShardedWriter implements AutoCloseable {
  private final Path folder;
  private final ShardPlan plan;
  private final Map<String, String> metadata;
  private SafetensorsWriter current;

  ShardedWriter(Path folder, ShardPlan plan, Map<String, String> metadata) {
    this.folder = folder;
    this.plan = plan;
    this.metadata = metadata;
  }

  /** Gives the data of a tensor, by calling {@link #append} for each piece. */
  @FunctionalInterface
  interface TensorData {
    void write(TensorSpec tensor);
  }

  /** Writes all files. */
  void write(TensorData data) {
    for (int shard = 0; shard < plan.shards().size(); shard++) {
      Path file = folder.resolve(plan.name(shard));
      current = SafetensorsWriter.create(file, plan.shards().get(shard), metadata);
      plan.shards().get(shard).forEach(data::write);
      current.finish();
    }
    if (!plan.isWhole()) {
      writeIndex(folder.resolve(plan.indexName()));
    }
  }

  /** Appends a piece of a tensor's data. */
  void append(String name, MemorySegment piece) {
    current.append(name, piece);
  }

  private void writeIndex(Path file) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeObjectFieldStart("metadata");
      out.writeNumberField(
          "total_size",
          plan.shards().stream()
              .flatMap(shard -> shard.stream())
              .mapToLong(TensorSpec::byteSize)
              .sum());
      out.writeEndObject();
      out.writeObjectFieldStart("weight_map");
      for (int shard = 0; shard < plan.shards().size(); shard++) {
        for (TensorSpec tensor : plan.shards().get(shard)) {
          out.writeStringField(tensor.name(), plan.name(shard));
        }
      }
      out.writeEndObject();
      out.writeEndObject();
      out.flush();
      Files.writeString(file, text + "\n");
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(file, e);
    }
  }

  @Override
  public void close() {
    if (current != null) {
      current.close();
    }
  }
}
