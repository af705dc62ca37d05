package dev.orrery.weights.source;

import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.torch.TorchArchive;
import dev.orrery.weights.torch.TorchTensor;
import dev.orrery.weights.torch.TorchValue;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The tensors of a PyTorch archive. */
public final class TorchTensors implements StoredTensors {
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
    TorchArchive archive = TorchArchive.open(path);
    try {
      return new TorchTensors(archive, key.isEmpty() ? archive.tensors() : archive.tensors(key));
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /**
   * Every tensor of an archive, wherever it is among other values, by its path of keys and indices
   * joined with dots. Two tensors may have the same path.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if the archive is not valid
   */
  public static List<TensorSpec> list(Path path) {
    List<TensorSpec> found = new ArrayList<>();
    try (TorchArchive archive = TorchArchive.open(path)) {
      list("", archive.tree(), found);
    }
    return found;
  }

  private static void list(String path, TorchValue value, List<TensorSpec> found) {
    String start = path.isEmpty() ? "" : path + ".";
    switch (value) {
      case TorchTensor tensor -> found.add(spec(path, tensor));
      case TorchValue.Dictionary(Map<String, TorchValue> entries) ->
          entries.forEach((key, entry) -> list(start + key, entry, found));
      case TorchValue.Sequence(List<TorchValue> entries) -> {
        for (int i = 0; i < entries.size(); i++) {
          list(start + i, entries.get(i), found);
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
    for (long from = 0; from < view.byteSize(); from += PIECE_BYTES) {
      MemorySegment piece = buffer.asSlice(0, Math.min(PIECE_BYTES, view.byteSize() - from));
      archive.read(view, from, piece);
      pieces.accept(piece);
    }
  }

  @Override
  public void close() {
    archive.close();
  }
}
