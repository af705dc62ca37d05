package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.util.List;
import java.util.Map;

/**
 * Runs the program of one pickle on values only: protocols 2 to 5, without those instructions that
 * PyTorch does not use for tensors and plain values. Work and memory are bounded by the number of
 * instructions.
 *
 * <p>A name that is not known may be carried as a {@link TorchValue.Placeholder}. It stays what it
 * is whatever is done to it, called, made an object of, given a state, entries or items, all of
 * which are dropped, and what is made with it is the same placeholder.
 *
 * <p>Source: Python 3.13, {@code Lib/pickletools.py}.
 */
final class PickleReader {
  /** A tensor takes about 50 instructions; this is enough for 20,000. */
  static final int MAX_OPCODES = 1_000_000;

  private static final int MAX_KEY_CHARS = 1024;

  /** As in the instruction that has names in lines. */
  private static final int MAX_GLOBAL_CHARS = PickleInput.MAX_LINE_BYTES;

  private static final int NEWOBJ = 0x81;
  private static final int NEWOBJ_EX = 0x92;

  /** What becomes of names that are not known. */
  enum UnknownNames {
    REFUSED,
    CARRIED
  }

  private final PickleInput input;
  private final UnknownNames unknownNames;
  private final PickleStack stack;
  private final TorchBuilder builder;

  PickleReader(PickleInput input, UnknownNames unknownNames) {
    this.input = input;
    this.unknownNames = unknownNames;
    this.stack = new PickleStack(input);
    this.builder = new TorchBuilder(input);
  }

  /** The storages that the pickle named, by key. */
  Map<String, TorchStorage> storages() {
    return builder.storages();
  }

  /**
   * Reads one pickle, which must end with the input.
   *
   * @return its result, built of the values of {@link PickleItem}; not checked for cycles yet
   * @throws CheckpointException if the pickle is damaged or holds anything else than tensors, plain
   *     values and placeholders
   */
  Object read() {
    if (input.opcode() != 0x80) {
      throw input.refused("expected a pickle of protocol 2 to 5, found none");
    }
    int protocol = input.u8();
    if (protocol < 2 || protocol > 5) {
      throw input.refused("expected a pickle of protocol 2 to 5, found " + protocol);
    }
    for (int count = 0; count < MAX_OPCODES; count++) {
      int opcode = input.opcode();
      if (opcode == '.') {
        return result();
      }
      run(opcode);
    }
    throw input.refused("expected at most " + MAX_OPCODES + " instructions, found more");
  }

  private Object result() {
    if (input.remaining() > 0) {
      throw input.refused(
          "expected the end of the pickle, found " + input.remaining() + " more bytes");
    }
    Object result = stack.pop();
    if (!stack.isEmpty()) {
      throw input.refused("expected one result, found more on the stack");
    }
    return result;
  }

  private void run(int opcode) {
    switch (opcode) {
      case 'N' -> stack.push(PickleItem.None.NONE);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'K' -> stack.push((long) input.u8());
      case 'M' -> stack.push((long) input.u16());
      case 'J' -> stack.push((long) input.i32());
      case 0x8a -> stack.push(input.integer(input.u8()));
      case 0x8b -> stack.push(input.integer(input.i32()));
      case 'G' -> stack.push(input.f64BigEndian());
      case 0x8c -> stack.push(input.text(input.u8()));
      case 'X' -> stack.push(input.text(Integer.toUnsignedLong(input.i32())));
      case 0x8d -> stack.push(input.text(input.i64()));
      case ')' -> stack.push(new PickleItem.Tuple(List.of()));
      case 0x85 -> stack.push(new PickleItem.Tuple(stack.pop(1)));
      case 0x86 -> stack.push(new PickleItem.Tuple(stack.pop(2)));
      case 0x87 -> stack.push(new PickleItem.Tuple(stack.pop(3)));
      case 't' -> stack.push(new PickleItem.Tuple(stack.popMark()));
      case '(' -> stack.mark();
      case ']' -> stack.push(new PickleItem.PyList());
      case 'a' -> append(stack.pop(1));
      case 'e' -> append(stack.popMark());
      case '}' -> stack.push(new PickleItem.PyDict(false));
      case 's' -> set(stack.pop(2));
      case 'u' -> set(stack.popMark());
      case 'q' -> stack.memoize(input.u8());
      case 'r' -> stack.memoize(input.i32());
      case 0x94 -> stack.memoize();
      case 'h' -> stack.recall(input.u8());
      case 'j' -> stack.recall(input.i32());
      case 'c' -> stack.push(global(input.line(), input.line()));
      case 0x93 -> stackGlobal(stack.pop(2));
      case 'Q' -> stack.push(builder.storage(stack.pop()));
      case 'R' -> reduce(stack.pop(2));
      case 'b' -> build(stack.pop(2));
      case 0x95 -> frame();
      case NEWOBJ, NEWOBJ_EX -> newObject(opcode);
      default -> throw unexpected(opcode);
    }
  }

  private CheckpointException unexpected(int opcode) {
    return input.refused(
        "expected an instruction that describes tensors or plain values, found "
            + PickleOpcode.name(opcode)
            + "; nothing of the file was run");
  }

  private void append(List<Object> entries) {
    if (stack.top() instanceof TorchValue.Placeholder) {
      return;
    }
    if (!(stack.top() instanceof PickleItem.PyList list)) {
      throw input.refused(
          "expected a list to append to, found " + PickleItem.describe(stack.top()));
    }
    list.entries().addAll(entries);
  }

  private void set(List<Object> keysAndValues) {
    if (stack.top() instanceof TorchValue.Placeholder) {
      return;
    }
    if (!(stack.top() instanceof PickleItem.PyDict dict)) {
      throw input.refused("expected a dictionary, found " + PickleItem.describe(stack.top()));
    }
    if (keysAndValues.size() % 2 != 0) {
      throw input.refused("expected a value for each key, found a key without one");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      if (keysAndValues.get(i) instanceof TorchValue.Placeholder unknown) {
        set(dict, unknown);
        continue;
      }
      String key = key(keysAndValues.get(i));
      if (dict.entries().putIfAbsent(key, keysAndValues.get(i + 1)) != null) {
        throw input.refused(
            "key \"" + PickleItem.shortened(key) + "\": expected once, found twice");
      }
    }
  }

  /**
   * An entry whose key is a placeholder: the value is dropped, and the entry is the placeholder.
   */
  private void set(PickleItem.PyDict dict, TorchValue.Placeholder key) {
    Object before = dict.entries().putIfAbsent(key.shown(), key);
    if (before != null && !(before instanceof TorchValue.Placeholder)) {
      throw input.refused("key \"" + key.shown() + "\": expected once, found twice");
    }
  }

  private String key(Object key) {
    return switch (key) {
      case Long number -> number.toString();
      case String text when text.length() <= MAX_KEY_CHARS -> text;
      case String text ->
          throw input.refused(
              "expected a key of at most " + MAX_KEY_CHARS + " characters, found " + text.length());
      default ->
          throw input.refused(
              "expected a string or an integer as key, found " + PickleItem.describe(key));
    };
  }

  private Object global(String module, String name) {
    Object known = PickleGlobals.find(module, name);
    if (known == null && unknownNames == UnknownNames.CARRIED) {
      return new TorchValue.Placeholder(module, name);
    }
    if (known == null) {
      throw input.refused(
          "expected names that describe tensors or plain values, found "
              + PickleItem.shortened(module)
              + "."
              + PickleItem.shortened(name)
              + "; nothing of the file was run");
    }
    return known;
  }

  private void stackGlobal(List<Object> names) {
    if (!(names.get(0) instanceof String module && names.get(1) instanceof String name)) {
      throw input.refused(
          "expected a module and a name, found " + PickleItem.describe(names.get(0)));
    }
    if (module.length() > MAX_GLOBAL_CHARS || name.length() > MAX_GLOBAL_CHARS) {
      throw input.refused(
          "expected a module and a name of at most "
              + MAX_GLOBAL_CHARS
              + " characters, found "
              + PickleItem.describe(module.length() > name.length() ? module : name));
    }
    stack.push(global(module, name));
  }

  private void reduce(List<Object> call) {
    if (call.get(0) instanceof TorchValue.Placeholder && call.get(1) instanceof PickleItem.Tuple) {
      stack.push(call.get(0));
      return;
    }
    if (!(call.get(0) instanceof PickleItem.Callable callable
        && call.get(1) instanceof PickleItem.Tuple arguments)) {
      throw input.refused(
          "expected a call of a function with a tuple, found "
              + PickleItem.describe(call.get(0))
              + " with "
              + PickleItem.describe(call.get(1)));
    }
    stack.push(builder.call(callable, arguments.entries()));
  }

  /** An object of a class with its arguments, and in the longer form with those that have names. */
  private void newObject(int opcode) {
    if (unknownNames == UnknownNames.REFUSED) {
      throw unexpected(opcode);
    }
    List<Object> operands = stack.pop(opcode == NEWOBJ ? 2 : 3);
    if (!(operands.get(0) instanceof TorchValue.Placeholder
        && operands.get(1) instanceof PickleItem.Tuple)) {
      throw unexpected(opcode);
    }
    stack.push(operands.get(0));
  }

  /**
   * Gives the dictionary of a module the attribute that PyTorch does; there is no other. The state
   * of a placeholder is dropped.
   */
  private void build(List<Object> targetAndState) {
    Object target = targetAndState.get(0);
    Object state = targetAndState.get(1);
    if (target instanceof PickleItem.PyDict dict
        && dict.isOrdered()
        && state instanceof PickleItem.PyDict attributes
        && attributes.entries().size() == 1
        && attributes.entries().get("_metadata") instanceof PickleItem.PyDict metadata) {
      dict.setAttributes(metadata);
    } else if (!(target instanceof TorchValue.Placeholder)) {
      throw input.refused(
          "expected only dictionaries of modules to have attributes, found "
              + PickleItem.describe(target)
              + " with the state "
              + PickleItem.describe(state));
    }
    stack.push(target);
  }

  /** Frames say how far to read ahead; here everything is in memory. */
  private void frame() {
    long length = input.i64();
    if (length < 0 || length > input.remaining()) {
      throw input.refused(
          "expected a frame of at most "
              + input.remaining()
              + " bytes, found "
              + Long.toUnsignedString(length));
    }
  }
}
