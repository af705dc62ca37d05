package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Finds the tensors below a dictionary of an archive and gives them the names of a state dict. */
final class TensorNames {
  private static final int MAX_NAME_CHARS = 1024;

  /** As many as there can be storages; names of this number and length are some megabytes. */
  private static final int MAX_TENSORS = ZipDirectory.MAX_ENTRIES;

  private final String file;
  private final long maxBytes;
  private final TorchValue root;
  private final Map<String, TorchTensor> tensors = new LinkedHashMap<>();
  private long bytes;

  private TensorNames(String file, long maxBytes, TorchValue root) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.root = root;
  }

  /**
   * The tensors by name.
   *
   * @param file how error messages name the archive
   * @param root all its objects
   * @param maxBytes most that all tensors may have together, so that a few bytes, expanded, do not
   *     fill a disk
   * @param key leads from the root to the dictionary, see {@link KeyPath}
   */
  static Map<String, TorchTensor> find(String file, TorchValue root, long maxBytes, String key) {
    TorchValue value =
        KeyPath.find(root, key)
            .orElseThrow(
                () ->
                    new CheckpointException(
                        file,
                        "expected a dictionary " + key + ", found none; " + KeyPath.listed(root)));
    if (!(value instanceof TorchValue.Dictionary dictionary)) {
      throw new CheckpointException(
          file,
          (key.isEmpty() ? "the archive" : key)
              + ": expected a dictionary of tensors, found "
              + describe(value)
              + "; "
              + KeyPath.listed(root));
    }
    TensorNames names = new TensorNames(file, maxBytes, root);
    names.collect("", dictionary);
    return Collections.unmodifiableMap(names.tensors);
  }

  private void collect(String prefix, TorchValue.Dictionary dictionary) {
    for (Map.Entry<String, TorchValue> entry : dictionary.entries().entrySet()) {
      String name = prefix + entry.getKey();
      if (name.length() > MAX_NAME_CHARS) {
        throw new CheckpointException(
            file,
            "expected names of at most "
                + MAX_NAME_CHARS
                + " characters, found "
                + PickleItem.shortened(name));
      }
      switch (entry.getValue()) {
        case TorchTensor tensor -> add(name, tensor);
        case TorchValue.Dictionary inner -> collect(name + ".", inner);
        default ->
            throw new CheckpointException(
                file,
                PickleItem.shortened(name)
                    + ": expected a tensor or a dictionary of tensors, found "
                    + describe(entry.getValue())
                    + "; "
                    + KeyPath.listed(root));
      }
    }
  }

  private void add(String name, TorchTensor tensor) {
    if (tensors.size() == MAX_TENSORS) {
      throw new CheckpointException(
          file, "expected at most " + MAX_TENSORS + " tensors, found more");
    }
    if (tensor.byteSize() > maxBytes - bytes) {
      throw new CheckpointException(
          file,
          "expected tensors of at most "
              + maxBytes
              + " bytes in a file of this size, found more at "
              + PickleItem.shortened(name));
    }
    bytes += tensor.byteSize();
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new CheckpointException(
          file, "tensor " + PickleItem.shortened(name) + ": expected once, found two of that name");
    }
  }

  private static String describe(TorchValue value) {
    return switch (value) {
      case TorchValue.None _ -> "None";
      case TorchValue.Bool _ -> "True or False";
      case TorchValue.Int _, TorchValue.Real _ -> "a number";
      case TorchValue.Text _ -> "a string";
      case TorchValue.ElementType _ -> "an element type";
      case TorchValue.Sequence _ -> "a list";
      case TorchValue.Dictionary _ -> "a dictionary";
      case TorchTensor _ -> "a tensor";
      case TorchValue.Placeholder unknown -> unknown.shown() + "; nothing of the file was run";
    };
  }
}
