package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the pickle machine works on, besides strings, {@code Long}, {@code Double}, {@code Boolean},
 * tensors, placeholders and element types. Containers are filled while others already refer to
 * them, so they may share and contain each other in any way until {@link TorchTree} has looked at
 * them.
 */
sealed interface PickleItem {
  /** Python's {@code None}. */
  enum None implements PickleItem {
    NONE
  }

  /** A tuple or a {@code torch.Size}. */
  record Tuple(List<Object> entries) implements PickleItem {}

  /** A list being filled. */
  final class PyList implements PickleItem {
    private final List<Object> entries = new ArrayList<>();

    List<Object> entries() {
      return entries;
    }
  }

  /** A dictionary being filled. */
  final class PyDict implements PickleItem {
    private final boolean ordered;
    private final Map<String, Object> entries = new LinkedHashMap<>();
    private PyDict attributes;

    /**
     * @param ordered whether it is a {@code collections.OrderedDict}, which may have attributes
     */
    PyDict(boolean ordered) {
      this.ordered = ordered;
    }

    boolean isOrdered() {
      return ordered;
    }

    Map<String, Object> entries() {
      return entries;
    }

    /** What PyTorch says about the modules whose tensors these are; null if it says nothing. */
    PyDict attributes() {
      return attributes;
    }

    void setAttributes(PyDict attributes) {
      this.attributes = attributes;
    }
  }

  /** The type of a storage. An untyped one counts bytes. */
  record StorageType(DType dtype, boolean typed) implements PickleItem {}

  /** A storage that a tensor will be made of. */
  record Storage(TorchStorage storage, boolean typed) implements PickleItem {}

  /** The functions and classes that a pickle may call. */
  enum Callable implements PickleItem {
    ORDERED_DICT,
    SIZE,
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR_V3,
    REBUILD_PARAMETER
  }

  /** How error messages name an item. */
  static String describe(Object item) {
    return switch (item) {
      case None _ -> "None";
      case String text -> "the string \"" + shortened(text) + '"';
      case Long number -> "the number " + number;
      case Double number -> "the number " + number;
      case Boolean truth -> truth ? "True" : "False";
      case Tuple(List<Object> entries) -> "a tuple of " + entries.size();
      case PyList list -> "a list of " + list.entries().size();
      case PyDict dict -> "a dictionary of " + dict.entries().size();
      case DType dtype -> "the element type " + dtype;
      case TorchTensor tensor -> "a tensor " + tensor.dtype() + tensor.shape();
      case TorchValue.Placeholder unknown -> unknown.shown();
      case StorageType _ -> "the type of a storage";
      case Storage _ -> "a storage";
      case Callable callable -> "the function " + callable;
      default -> throw new IllegalArgumentException(item.getClass().toString());
    };
  }

  /** The beginning of a text that comes from the file. */
  static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
