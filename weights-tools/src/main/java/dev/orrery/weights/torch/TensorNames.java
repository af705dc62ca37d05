package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the tensors below a dictionary of an archive and gives them the names of a state dict. */
final class TensorNames {
  private static final int MAX_NAME_CHARS = 1024;

  /** As many as there can be storages; names of this number and length are some megabytes. */
  private static final int MAX_TENSORS = ZipDirectory.MAX_ENTRIES;

  private final String file;
  private final long maxBytes;
  private final Map<String, TorchTensor> tensors = new LinkedHashMap<>();
  private long bytes;

  private TensorNames(String file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  /**
   * The tensors by name.
   *
   * @param file how error messages name the archive
   * @param root all its objects
   * @param maxBytes most that all tensors may have together, so that a few bytes, expanded, do not
   *     fill a disk
   * @param keys leads from the root to the dictionary
   */
  static Map<String, TorchTensor> find(
      String file, TorchValue root, long maxBytes, List<String> keys) {
    TorchValue value = root;
    for (String key : keys) {
      TorchValue inner =
          value instanceof TorchValue.Dictionary dictionary ? dictionary.entries().get(key) : null;
      if (inner == null) {
        throw new CheckpointException(
            file,
            "expected a dictionary " + String.join(".", keys) + ", found" + dictionaries(value));
      }
      value = inner;
    }
    String where = keys.isEmpty() ? "the archive" : String.join(".", keys);
    if (!(value instanceof TorchValue.Dictionary dictionary)) {
      throw new CheckpointException(
          file, where + ": expected a dictionary of tensors, found " + describe(value));
    }
    TensorNames names = new TensorNames(file, maxBytes);
    names.collect("", dictionary, dictionary);
    return Collections.unmodifiableMap(names.tensors);
  }

  private void collect(
      String prefix, TorchValue.Dictionary dictionary, TorchValue.Dictionary chosen) {
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
        case TorchValue.Dictionary inner -> collect(name + ".", inner, chosen);
        default ->
            throw new CheckpointException(
                file,
                PickleItem.shortened(name)
                    + ": expected a tensor or a dictionary of tensors, found "
                    + describe(entry.getValue())
                    + "; there are"
                    + dictionaries(chosen));
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

  /** The dictionaries to choose from. */
  private static String dictionaries(TorchValue value) {
    List<String> keys = new ArrayList<>();
    if (value instanceof TorchValue.Dictionary dictionary) {
      dictionary
          .entries()
          .forEach(
              (key, inner) -> {
                if (inner instanceof TorchValue.Dictionary) {
                  keys.add(PickleItem.shortened(key));
                }
              });
    }
    if (keys.isEmpty()) {
      return " no dictionaries";
    }
    int shown = Math.min(keys.size(), 8);
    return " the dictionaries "
        + String.join(", ", keys.subList(0, shown))
        + (shown < keys.size() ? ", ..." : "");
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
    };
  }
}
