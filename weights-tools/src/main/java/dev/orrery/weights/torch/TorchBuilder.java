package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the calls of a pickle make: storages, tensors, dictionaries and sizes. Every tensor is
 * checked to lie inside its storage.
 *
 * <p>Source: PyTorch 2.6, {@code torch/_utils.py} (the {@code _rebuild} functions) and {@code
 * torch/serialization.py} ({@code persistent_id}).
 */
final class TorchBuilder {
  /** As many axes as PyTorch allows. */
  private static final int MAX_RANK = 64;

  /** No known function takes more. */
  private static final int MAX_ARGUMENTS = 8;

  private static final int MAX_STORAGE_KEY_CHARS = 64;

  private final PickleInput input;
  private final Map<String, TorchStorage> storages = new HashMap<>();

  TorchBuilder(PickleInput input) {
    this.input = input;
  }

  /** All storages so far, by key. */
  Map<String, TorchStorage> storages() {
    return Collections.unmodifiableMap(storages);
  }

  /**
   * The storage of a persistent id: {@code ("storage", type, key, device, elements)}. The device it
   * was on does not matter.
   *
   * @return the storage; if a placeholder is or is in the id, that one
   */
  Object storage(Object id) {
    TorchValue.Placeholder unknown = placeholder(List.of(id));
    if (unknown != null) {
      return unknown;
    }
    if (!(id instanceof PickleItem.Tuple(List<Object> fields)
        && fields.size() == 5
        && fields.get(0).equals("storage")
        && fields.get(1) instanceof PickleItem.StorageType type
        && fields.get(2) instanceof String key
        && fields.get(3) instanceof String
        && fields.get(4) instanceof Long elements)) {
      throw input.refused(
          "expected the id of a storage (type, key, device, size), found "
              + PickleItem.describe(id));
    }
    if (key.length() > MAX_STORAGE_KEY_CHARS) {
      throw input.refused(
          "expected a storage key of at most " + MAX_STORAGE_KEY_CHARS + " characters, found more");
    }
    if (elements < 0 || elements > Long.MAX_VALUE / type.dtype().byteSize()) {
      throw input.refused(
          "storage " + key + ": expected a size that fits in 64 bits, found " + elements);
    }
    TorchStorage storage = new TorchStorage(key, type.dtype(), elements);
    TorchStorage before = storages.putIfAbsent(key, storage);
    if (before != null && !before.equals(storage)) {
      throw input.refused(
          "storage "
              + key
              + ": expected one type and size, found "
              + before.elements()
              + " "
              + before.dtype()
              + " and "
              + elements
              + " "
              + type.dtype());
    }
    return new PickleItem.Storage(storage, type.typed());
  }

  /**
   * The result of a call. What is made with a placeholder, be it an argument or an entry of one, is
   * that placeholder.
   */
  Object call(PickleItem.Callable callable, List<Object> arguments) {
    TorchValue.Placeholder unknown = placeholder(arguments);
    if (unknown != null) {
      return unknown;
    }
    return switch (callable) {
      case ORDERED_DICT -> {
        requireCount(callable, arguments, 0, 0);
        yield new PickleItem.PyDict(true);
      }
      case SIZE -> {
        requireCount(callable, arguments, 1, 1);
        longs(callable, arguments.getFirst());
        yield arguments.getFirst();
      }
      case REBUILD_TENSOR_V2 -> tensor(callable, arguments, 6);
      case REBUILD_TENSOR_V3 -> tensor(callable, arguments, 7);
      case REBUILD_PARAMETER -> {
        requireCount(callable, arguments, 3, 3);
        requireNothing(callable, arguments.get(2));
        if (!(arguments.get(0) instanceof TorchTensor tensor)) {
          throw unexpected(callable, "a tensor", arguments.get(0));
        }
        yield tensor;
      }
    };
  }

  /**
   * The first placeholder among a few items or in tuples among them; null if there is none. Longer
   * ones are of no use to any call, and looking through them again and again would take forever.
   */
  private static TorchValue.Placeholder placeholder(List<Object> items) {
    if (items.size() > MAX_ARGUMENTS) {
      return null;
    }
    for (Object item : items) {
      List<Object> entries =
          item instanceof PickleItem.Tuple(List<Object> tuple) && tuple.size() <= MAX_RANK
              ? tuple
              : List.of(item);
      for (Object entry : entries) {
        if (entry instanceof TorchValue.Placeholder unknown) {
          return unknown;
        }
      }
    }
    return null;
  }

  /**
   * Arguments: storage, offset, extents, strides, whether it needs a gradient, backward hooks, (in
   * version 3) its element type, and maybe its attributes, such as being a conjugate.
   */
  private TorchTensor tensor(PickleItem.Callable callable, List<Object> arguments, int count) {
    requireCount(callable, arguments, count, count + 1);
    requireNothing(callable, arguments.get(5));
    if (arguments.size() > count) {
      requireNothing(callable, arguments.get(count));
    }
    if (!(arguments.get(0) instanceof PickleItem.Storage(TorchStorage storage, boolean typed))) {
      throw unexpected(callable, "a storage", arguments.get(0));
    }
    DType dtype = storage.dtype();
    if (count == 7) {
      if (!(arguments.get(6) instanceof DType given)) {
        throw unexpected(callable, "an element type", arguments.get(6));
      }
      dtype = given;
    }
    if (typed ? dtype != storage.dtype() : count == 6) {
      throw input.refused(
          "storage " + storage.key() + ": expected the element type of its tensor, found another");
    }
    if (!(arguments.get(1) instanceof Long offset)) {
      throw unexpected(callable, "an offset", arguments.get(1));
    }
    List<Long> extents = longs(callable, arguments.get(2));
    List<Long> strides = longs(callable, arguments.get(3));
    if (extents.size() != strides.size() || extents.size() > MAX_RANK) {
      throw input.refused(
          "expected one stride for each of at most "
              + MAX_RANK
              + " axes, found "
              + strides.size()
              + " for "
              + extents.size());
    }
    Shape shape = shape(extents, dtype);
    checkInside(storage, dtype, shape, strides, offset);
    return new TorchTensor(dtype, shape, strides, offset, storage);
  }

  private Shape shape(List<Long> extents, DType dtype) {
    try {
      Shape shape = Shape.of(extents.stream().mapToLong(Long::longValue).toArray());
      Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
      return shape;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw input.refused(
          "tensor " + dtype + extents + ": expected a size that fits in 64 bits, found another");
    }
  }

  /** Requires that the first and the last element, and so all of them, lie in the storage. */
  private void checkInside(
      TorchStorage storage, DType dtype, Shape shape, List<Long> strides, long offset) {
    boolean inside = offset >= 0;
    for (long stride : strides) {
      inside &= stride >= 0;
    }
    long available = storage.byteSize() / dtype.byteSize();
    try {
      long end = offset;
      if (shape.elements() > 0) {
        for (int axis = 0; axis < shape.rank(); axis++) {
          long steps = shape.extent(axis) - 1;
          end = Math.addExact(end, Math.multiplyExact(steps, strides.get(axis).longValue()));
        }
        end = Math.addExact(end, 1);
      }
      inside &= end <= available;
    } catch (ArithmeticException e) {
      inside = false;
    }
    if (!inside) {
      throw input.refused(
          "tensor "
              + dtype
              + shape
              + ": expected it inside the "
              + available
              + " elements of storage "
              + storage.key()
              + ", found offset "
              + offset
              + " and strides "
              + strides);
    }
  }

  private List<Long> longs(PickleItem.Callable callable, Object item) {
    if (!(item instanceof PickleItem.Tuple(List<Object> entries)) || entries.size() > MAX_RANK) {
      throw unexpected(callable, "a tuple of at most " + MAX_RANK + " integers", item);
    }
    List<Long> longs = new ArrayList<>();
    for (Object entry : entries) {
      if (!(entry instanceof Long value)) {
        throw unexpected(callable, "integers", entry);
      }
      longs.add(value);
    }
    return longs;
  }

  private void requireCount(
      PickleItem.Callable callable, List<Object> arguments, int least, int most) {
    if (arguments.size() < least || arguments.size() > most) {
      throw input.refused(
          callable + ": expected " + most + " arguments, found " + arguments.size());
    }
  }

  /** Hooks and attributes of a tensor: none are understood, so there must be none. */
  private void requireNothing(PickleItem.Callable callable, Object item) {
    boolean nothing =
        item == PickleItem.None.NONE
            || item instanceof PickleItem.PyDict dict && dict.entries().isEmpty();
    if (!nothing) {
      throw unexpected(callable, "no hooks or attributes", item);
    }
  }

  private RuntimeException unexpected(PickleItem.Callable callable, String expected, Object found) {
    return input.refused(
        callable + ": expected " + expected + ", found " + PickleItem.describe(found));
  }
}
