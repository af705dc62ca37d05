package dev.orrery.weights.source;

import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The tensors of safetensors files. */
final class SafetensorsTensors implements StoredTensors {
  private final Checkpoint checkpoint;
  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, TensorSpec> tensors = new LinkedHashMap<>();

  private SafetensorsTensors(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
    for (SafetensorsFile file : checkpoint.files()) {
      metadata.putAll(file.metadata());
      file.tensors().forEach((name, info) -> tensors.putIfAbsent(name, info.spec()));
    }
  }

  static SafetensorsTensors open(Path path) {
    return new SafetensorsTensors(Checkpoint.open(path));
  }

  static SafetensorsTensors open(Path path, Consumer<CheckpointException> faults) {
    return new SafetensorsTensors(Checkpoint.open(path, faults));
  }

  @Override
  public Path path() {
    return checkpoint.path();
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public Map<String, TensorSpec> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public String location(String name) {
    return checkpoint.location(name);
  }

  @Override
  public void read(String name, Consumer<MemorySegment> pieces) {
    MemorySegment data = checkpoint.bytes(name);
    for (long from = 0; from < data.byteSize(); from += PIECE_BYTES) {
      MemorySegment piece = data.asSlice(from, Math.min(PIECE_BYTES, data.byteSize() - from));
      pieces.accept(piece);
      // Or the mapped pages would count as memory of this process until others need the room.
      piece.unload();
    }
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
