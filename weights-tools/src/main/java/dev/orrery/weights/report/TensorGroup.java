package dev.orrery.weights.report;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tensors of equal type and shape whose names differ in the number of their block only.
 *
 * @param name the common name, such as {@code blocks.{0..29}.ffn.0.weight}
 * @param type their element type
 * @param shape their extents
 * @param count how many they are
 * @param bytes size of all of them
 */
record TensorGroup(String name, StoredType type, Shape shape, int count, long bytes) {
  /** The first step of a name that is a plain number. */
  private static final Pattern BLOCK = Pattern.compile("(^|.*?\\.)(0|[1-9][0-9]{0,8})(\\..*|$)");

  private record Key(String before, String after, StoredType type, Shape shape) {}

  /** Groups tensors, in order of the first tensor of each group. */
  static List<TensorGroup> of(List<TensorSpec> tensors) {
    Map<Key, List<TensorSpec>> groups = new LinkedHashMap<>();
    for (TensorSpec tensor : tensors) {
      Matcher block = BLOCK.matcher(tensor.name());
      Key key =
          block.matches()
              ? new Key(block.group(1), block.group(3), tensor.type(), tensor.shape())
              : new Key(tensor.name(), "", tensor.type(), tensor.shape());
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(tensor);
    }
    List<TensorGroup> result = new ArrayList<>();
    groups.forEach((key, members) -> result.add(of(key, members)));
    return result;
  }

  /** One tensor as a group of its own. */
  static TensorGroup of(TensorSpec tensor) {
    return new TensorGroup(tensor.name(), tensor.type(), tensor.shape(), 1, tensor.byteSize());
  }

  private static TensorGroup of(Key key, List<TensorSpec> members) {
    if (members.size() == 1) {
      return of(members.getFirst());
    }
    TreeSet<Integer> numbers = new TreeSet<>();
    for (TensorSpec member : members) {
      Matcher block = BLOCK.matcher(member.name());
      if (block.matches()) {
        numbers.add(Integer.parseInt(block.group(2)));
      }
    }
    long bytes = members.stream().mapToLong(TensorSpec::byteSize).sum();
    String name = key.before() + "{" + ranges(numbers) + "}" + key.after();
    return new TensorGroup(name, key.type(), key.shape(), members.size(), bytes);
  }

  /** Numbers in ascending order as {@code 0..13,15}. */
  private static String ranges(TreeSet<Integer> numbers) {
    List<String> ranges = new ArrayList<>();
    Integer first = numbers.first();
    while (first != null) {
      int last = first;
      while (numbers.contains(last + 1)) {
        last++;
      }
      ranges.add(first == last ? String.valueOf(first) : first + ".." + last);
      first = numbers.higher(last);
    }
    return String.join(",", ranges);
  }
}
