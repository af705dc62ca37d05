package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns what a pickle left into an immutable tree. A pickle can make objects that contain
 * themselves, or a few bytes that stand for billions of values because each level refers twice to
 * the next; both are refused. Each object is looked at once.
 */
final class TorchTree {
  /** No tree without sharing has more. */
  static final long MAX_VALUES = PickleReader.MAX_OPCODES;

  static final int MAX_DEPTH = 64;

  /**
   * A finished part of the tree.
   *
   * @param value its root
   * @param values number of values when everything shared is counted each time
   * @param height levels below its root
   * @param unknown a placeholder in it; null if there is none
   */
  private record Part(TorchValue value, long values, int height, TorchValue.Placeholder unknown) {}

  private final String source;
  private final Map<Object, Part> finished = new IdentityHashMap<>();

  private TorchTree(String source) {
    this.source = source;
  }

  /**
   * The tree below a result of {@link PickleReader}.
   *
   * @param source how error messages name its origin
   */
  static TorchValue of(String source, Object root) {
    return new TorchTree(source).part(root, 0).value;
  }

  private Part part(Object item, int depth) {
    Part known = finished.get(item);
    if (depth + (known == null ? 0 : known.height) > MAX_DEPTH) {
      throw new CheckpointException(
          source, "expected at most " + MAX_DEPTH + " levels of containers, found more");
    }
    if (known != null) {
      return known;
    }
    return switch (item) {
      case PickleItem.None _ -> leaf(new TorchValue.None());
      case Boolean value -> leaf(new TorchValue.Bool(value));
      case Long value -> leaf(new TorchValue.Int(value));
      case Double value -> leaf(new TorchValue.Real(value));
      case String value -> leaf(new TorchValue.Text(value));
      case DType value -> leaf(new TorchValue.ElementType(value));
      case TorchTensor value -> leaf(value);
      case TorchValue.Placeholder value -> new Part(value, 1, 0, value);
      case PickleItem.Tuple(List<Object> entries) -> sequence(item, entries, depth);
      case PickleItem.PyList list -> sequence(item, list.entries(), depth);
      case PickleItem.PyDict dict -> dictionary(dict, depth);
      default ->
          throw new CheckpointException(
              source, "expected only tensors and plain values, found " + PickleItem.describe(item));
    };
  }

  private static Part leaf(TorchValue value) {
    return new Part(value, 1, 0, null);
  }

  private Part sequence(Object item, List<Object> entries, int depth) {
    List<TorchValue> values = new ArrayList<>(entries.size());
    Part sum = leaf(null);
    for (Object entry : entries) {
      Part part = part(entry, depth + 1);
      sum = sum(sum, part);
      values.add(part.value);
    }
    return finish(item, new TorchValue.Sequence(values), sum);
  }

  private Part dictionary(PickleItem.PyDict dict, int depth) {
    Map<String, TorchValue> values = LinkedHashMap.newLinkedHashMap(dict.entries().size());
    Part sum = leaf(null);
    for (Map.Entry<String, Object> entry : dict.entries().entrySet()) {
      Part part = part(entry.getValue(), depth + 1);
      sum = sum(sum, part);
      values.put(entry.getKey(), part.value);
    }
    TorchValue dictionary = new TorchValue.Dictionary(values);
    if (dict.attributes() == null) {
      return finish(dict, dictionary, sum);
    }
    // They are dropped, but what they hold is inside the dictionary as its entries are.
    Part attributes = part(dict.attributes(), depth + 1);
    TorchValue value = attributes.unknown == null ? dictionary : attributes.unknown;
    return finish(dict, value, sum(sum, attributes));
  }

  private Part sum(Part sum, Part entry) {
    long values = sum.values + entry.values;
    if (values > MAX_VALUES) {
      throw new CheckpointException(
          source,
          "expected at most "
              + MAX_VALUES
              + " values, found more: containers refer to the same ones again and again");
    }
    TorchValue.Placeholder unknown = sum.unknown == null ? entry.unknown : sum.unknown;
    return new Part(null, values, Math.max(sum.height, entry.height + 1), unknown);
  }

  private Part finish(Object item, TorchValue value, Part sum) {
    Part part = new Part(value, sum.values, sum.height, sum.unknown);
    if (part.height > 0) {
      // Empty ones are quickly made again, and a million of them would fill the map.
      finished.put(item, part);
    }
    return part;
  }
}
