package dev.orrery.weights.source;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.torch.TorchArchive;
import dev.orrery.weights.torch.TorchTensor;
import dev.orrery.weights.torch.TorchValue;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The tensors of a PyTorch archive. */
final class TorchTensors implements StoredTensors {
  /** Bytes that may stay in memory; letting go of them takes a call of the system. */
  private static final long RELEASE_BYTES = 64L << 20;

  private final TorchArchive archive;
  private final Map<String, TorchTensor> views;
  private final Map<String, TensorSpec> tensors = new LinkedHashMap<>();
  private final MemorySegment buffer = MemorySegment.ofArray(new byte[PIECE_BYTES]);

  private TorchTensors(TorchArchive archive, Map<String, TorchTensor> views) {
    this.archive = archive;
    this.views = views;
    views.forEach((name, view) -> tensors.put(name, spec(name, view)));
  }

  static TorchTensors open(Path path, String key) {
    TorchArchive archive = TorchArchive.open(path, key);
    try {
      return new TorchTensors(archive, archive.tensors());
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  static TorchTensors openAll(Path path) {
    TorchArchive archive = TorchArchive.open(path);
    try {
      Map<String, TorchTensor> found = new LinkedHashMap<>();
      collect(path, "", archive.tree(), found);
      return new TorchTensors(archive, found);
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  private static void collect(
      Path file, String path, TorchValue value, Map<String, TorchTensor> found) {
    String start = path.isEmpty() ? "" : path + ".";
    switch (value) {
      case TorchTensor tensor -> {
        if (found.put(path, tensor) != null) {
          throw new CheckpointException(
              file.toString(), "tensor " + path + ": expected one of this path, found two");
        }
      }
      case TorchValue.Dictionary(Map<String, TorchValue> entries) ->
          entries.forEach((key, entry) -> collect(file, start + key, entry, found));
      case TorchValue.Sequence(List<TorchValue> entries) -> {
        for (int i = 0; i < entries.size(); i++) {
          collect(file, start + i, entries.get(i), found);
        }
      }
      default -> {
        // Numbers, strings and the like stand beside tensors in training checkpoints.
      }
    }
  }

  private static TensorSpec spec(String name, TorchTensor tensor) {
    return new TensorSpec(name, tensor.dtype(), tensor.shape());
  }

  @Override
  public Path path() {
    return archive.path();
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public Map<String, TensorSpec> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public String location(String name) {
    return archive.path().toString();
  }

  @Override
  public void read(String name, Consumer<MemorySegment> pieces) {
    TorchTensor view = views.get(name);
    long released = 0;
    for (long from = 0; from < view.byteSize(); from += PIECE_BYTES) {
      MemorySegment piece = buffer.asSlice(0, Math.min(PIECE_BYTES, view.byteSize() - from));
      archive.read(view, from, piece);
      pieces.accept(piece);
      // Or the mapped pages would count as memory of this process until others need the room.
      if (from - released >= RELEASE_BYTES) {
        archive.release(view);
        released = from;
      }
    }
    archive.release(view);
  }

  @Override
  public void close() {
    archive.close();
  }
}
