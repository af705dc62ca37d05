package dev.orrery.weights.torch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Ways from the root of an archive to what is inside: the keys of dictionaries and the indices of
 * lists, joined with dots.
 *
 * <p>Keys may contain dots themselves. At each dictionary the longest key with which the rest of
 * the path begins is tried first, and a shorter one if that leads nowhere. What a longer key hides
 * is reached from the dictionary around it.
 */
final class KeyPath {
  private static final int MAX_LISTED = 10;

  private final TorchValue root;
  private final List<String> listed = new ArrayList<>();
  private final Deque<String> steps = new ArrayDeque<>();
  private long found;

  private KeyPath(TorchValue root) {
    this.root = root;
  }

  /** What a path leads to; the root itself if the path is empty. */
  static Optional<TorchValue> find(TorchValue root, String path) {
    return path.isEmpty() ? Optional.of(root) : below(root, path);
  }

  private static Optional<TorchValue> below(TorchValue value, String path) {
    Optional<TorchValue> whole = entry(value, path);
    if (whole.isPresent()) {
      return whole;
    }
    for (int dot = path.lastIndexOf('.'); dot >= 0; dot = path.lastIndexOf('.', dot - 1)) {
      String rest = path.substring(dot + 1);
      Optional<TorchValue> found =
          entry(value, path.substring(0, dot)).flatMap(inner -> below(inner, rest));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<TorchValue> entry(TorchValue value, String key) {
    return switch (value) {
      case TorchValue.Dictionary(Map<String, TorchValue> entries) ->
          Optional.ofNullable(entries.get(key));
      case TorchValue.Sequence(List<TorchValue> entries)
          when key.matches("0|[1-9][0-9]{0,8}") && Integer.parseInt(key) < entries.size() ->
          Optional.of(entries.get(Integer.parseInt(key)));
      default -> Optional.empty();
    };
  }

  /**
   * The paths to dictionaries of tensors, as a part of a sentence: those nearest to the root first,
   * at most {@value #MAX_LISTED}, each with the number of its tensors.
   */
  static String listed(TorchValue root) {
    KeyPath paths = new KeyPath(root);
    int level = 1;
    // Level by level with one path in memory: a hostile archive has many containers and long keys.
    while (paths.collect(root, level)) {
      level++;
    }
    if (paths.listed.isEmpty()) {
      return "no key leads to a dictionary of tensors";
    }
    long more = paths.found - paths.listed.size();
    return "keys of tensors: "
        + String.join(", ", paths.listed)
        + (more > 0 ? " and " + more + " more" : "");
  }

  /**
   * Notes the dictionaries of tensors that are so many levels below a value.
   *
   * @return whether there are containers at that level
   */
  private boolean collect(TorchValue value, int level) {
    if (level == 0) {
      int tensors = value instanceof TorchValue.Dictionary ? tensors(value) : 0;
      if (tensors > 0 && (listed.size() == MAX_LISTED || leadsTo(value))) {
        found++;
        if (listed.size() < MAX_LISTED) {
          String path = steps.stream().map(PickleItem::shortened).collect(Collectors.joining("."));
          listed.add(path + " (" + tensors + (tensors == 1 ? " tensor)" : " tensors)"));
        }
      }
      return value instanceof TorchValue.Dictionary || value instanceof TorchValue.Sequence;
    }
    boolean deeper = false;
    if (value instanceof TorchValue.Dictionary(Map<String, TorchValue> entries)) {
      for (var entry : entries.entrySet()) {
        deeper |= collect(entry.getKey(), entry.getValue(), level - 1);
      }
    } else if (value instanceof TorchValue.Sequence(List<TorchValue> entries)) {
      for (int i = 0; i < entries.size(); i++) {
        deeper |= collect(String.valueOf(i), entries.get(i), level - 1);
      }
    }
    return deeper;
  }

  /** Whether the present path is understood as the present way, and not as one of longer keys. */
  private boolean leadsTo(TorchValue value) {
    return find(root, String.join(".", steps)).filter(found -> found == value).isPresent();
  }

  private boolean collect(String step, TorchValue value, int level) {
    steps.addLast(step);
    boolean deeper = collect(value, level);
    steps.removeLast();
    return deeper;
  }

  /** Tensors in a value that holds nothing but tensors and dictionaries of them; else -1. */
  private static int tensors(TorchValue value) {
    if (value instanceof TorchTensor) {
      return 1;
    }
    if (!(value instanceof TorchValue.Dictionary(Map<String, TorchValue> entries))) {
      return -1;
    }
    int sum = 0;
    for (TorchValue inner : entries.values()) {
      int tensors = tensors(inner);
      if (tensors < 0) {
        return -1;
      }
      sum += tensors;
    }
    return sum;
  }
}
