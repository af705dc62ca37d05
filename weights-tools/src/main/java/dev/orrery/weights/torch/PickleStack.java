package dev.orrery.weights.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The stack and the memo of a pickle machine. Whatever is missing in them is refused. */
final class PickleStack {
  private final PickleInput input;
  private final List<Object> items = new ArrayList<>();

  /** Heights of the stack at the marks that are open. */
  private final List<Integer> marks = new ArrayList<>();

  private Object[] memo = new Object[64];
  private int memoized;

  PickleStack(PickleInput input) {
    this.input = input;
  }

  void push(Object item) {
    items.add(item);
  }

  void mark() {
    marks.add(items.size());
  }

  /** Takes the uppermost item; those below the last mark are out of reach. */
  Object pop() {
    require(1);
    return items.removeLast();
  }

  /** The uppermost item. */
  Object top() {
    require(1);
    return items.getLast();
  }

  /** Takes the given number of uppermost items, lowest first. */
  List<Object> pop(int count) {
    require(count);
    return popFrom(items.size() - count);
  }

  /** Takes all items above the last mark, lowest first, and the mark. */
  List<Object> popMark() {
    if (marks.isEmpty()) {
      throw input.refused("expected a mark on the stack, found none");
    }
    return popFrom(marks.removeLast());
  }

  /** Whether neither items nor marks are left. */
  boolean isEmpty() {
    return marks.isEmpty() && items.isEmpty();
  }

  /** Stores the uppermost item in the memo, at the next free index. */
  void memoize() {
    memoize(memoized);
  }

  /** Stores the uppermost item in the memo. */
  void memoize(int index) {
    if (index < 0 || index >= PickleReader.MAX_OPCODES) {
      throw input.refused(
          "expected a memo index below "
              + PickleReader.MAX_OPCODES
              + ", found "
              + Integer.toUnsignedString(index));
    }
    Object item = top();
    if (index >= memo.length) {
      memo = Arrays.copyOf(memo, Math.max(index + 1, 2 * memo.length));
    }
    if (memo[index] == null) {
      memoized++;
    }
    memo[index] = item;
  }

  /** Pushes an item of the memo. */
  void recall(int index) {
    if (index < 0 || index >= memo.length || memo[index] == null) {
      throw input.refused(
          "expected something at memo index "
              + Integer.toUnsignedString(index)
              + ", found nothing");
    }
    push(memo[index]);
  }

  private void require(int count) {
    int reachable = items.size() - (marks.isEmpty() ? 0 : marks.getLast());
    if (reachable < count) {
      throw input.refused(
          "expected " + count + " items on the stack, found " + reachable + " (stack underflow)");
    }
  }

  private List<Object> popFrom(int height) {
    List<Object> above = items.subList(height, items.size());
    List<Object> taken = new ArrayList<>(above);
    above.clear();
    return taken;
  }
}
