package dev.orrery.weights.source;

import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.FileKind;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The tensors of a checkpoint of any format, for tools that go through them once: a tensor is read
 * in pieces, so that memory use does not depend on its size.
 */
public interface StoredTensors extends AutoCloseable {
  /** The most bytes of a piece; a multiple of the size of every element type. */
  int PIECE_BYTES = 4 << 20;

  /**
   * Opens a {@code .safetensors} file, the index of several, or a PyTorch archive.
   *
   * @param key the dictionary of a PyTorch archive whose tensors are meant, such as {@code
   *     generator}, or the keys that lead to it, joined with dots; empty for all of them
   * @throws CheckpointException if the file is missing or not valid, or if a key is given for
   *     another kind of file
   */
  static StoredTensors open(Path path, String key) {
    if (isTorchArchive(path)) {
      return TorchTensors.open(path, key);
    }
    if (!Files.exists(path)) {
      throw CheckpointException.cannotRead(path, new NoSuchFileException(path.toString()));
    }
    if (!Checkpoint.isCheckpoint(path)) {
      throw new CheckpointException(
          path.toString(),
          "expected a name that ends in .safetensors, .safetensors.index.json, .pth, .pt or .ckpt"
              + FileKind.of(path).map(kind -> ", found " + kind.what()).orElse(""));
    }
    if (!key.isEmpty()) {
      throw new CheckpointException(
          path.toString(),
          "expected a PyTorch archive (.pth, .pt, .ckpt) to take the key " + key + " from");
    }
    return SafetensorsTensors.open(path);
  }

  /**
   * Opens a checkpoint with everything in it: of a PyTorch archive every tensor, wherever it is
   * among other values, by its path of keys and indices joined with dots.
   *
   * @throws CheckpointException if the file is missing or not valid, or two tensors have one path
   */
  static StoredTensors openAll(Path path) {
    return isTorchArchive(path) ? TorchTensors.openAll(path) : open(path, "");
  }

  /**
   * As {@link #openAll(Path)}, but of shards opens those that can be opened.
   *
   * @param faults gets what is wrong with the others
   */
  static StoredTensors openAll(Path path, Consumer<CheckpointException> faults) {
    return path.toString().endsWith(".json") && Checkpoint.isCheckpoint(path)
        ? SafetensorsTensors.open(path, faults)
        : openAll(path);
  }

  /**
   * Whether a file name is that of a PyTorch archive: {@code *.pth}, {@code *.pt}, {@code *.ckpt}.
   */
  static boolean isTorchArchive(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(".pth") || name.endsWith(".pt") || name.endsWith(".ckpt");
  }

  /** The path it was opened by. */
  Path path();

  /** Free-form entries that came with the tensors. */
  Map<String, String> metadata();

  /** All tensors by name, in the order in which they are best read. */
  Map<String, TensorSpec> tensors();

  /** The file that holds a tensor, as shown in error messages. */
  String location(String name);

  /**
   * Reads the data of a tensor: its elements in row-major order, little-endian.
   *
   * @param pieces gets one piece after the other, each of at most {@link #PIECE_BYTES} and of whole
   *     elements if these have whole bytes, and valid until it returns
   * @throws CheckpointException if the data cannot be read
   */
  void read(String name, Consumer<MemorySegment> pieces);

  @Override
  void close();
}
