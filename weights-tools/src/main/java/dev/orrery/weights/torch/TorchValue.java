package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A value in the tree of objects of a PyTorch archive. Immutable. A value that the archive refers
 * to several times appears at each place; the whole tree has at most 1,000,000 values on at most 64
 * levels, so that it can be walked without further care.
 */
public sealed interface TorchValue
    permits TorchTensor,
        TorchValue.None,
        TorchValue.Bool,
        TorchValue.Int,
        TorchValue.Real,
        TorchValue.Text,
        TorchValue.ElementType,
        TorchValue.Sequence,
        TorchValue.Dictionary,
        TorchValue.Placeholder {
  /** Python's {@code None}. */
  record None() implements TorchValue {}

  /** True or false. */
  record Bool(boolean value) implements TorchValue {}

  /** An integer of 64 bits. */
  record Int(long value) implements TorchValue {}

  /** A floating-point number. */
  record Real(double value) implements TorchValue {}

  /** A string. */
  record Text(String value) implements TorchValue {}

  /** An element type as a value of its own, such as {@code torch.bfloat16}. */
  record ElementType(DType dtype) implements TorchValue {}

  /** A list, a tuple or a {@code torch.Size}. */
  record Sequence(List<TorchValue> entries) implements TorchValue {
    /** Copies the entries. */
    public Sequence {
      entries = List.copyOf(entries);
    }
  }

  /**
   * A dictionary, ordered or not, in the order of the archive. Keys that are integers are given in
   * decimal.
   */
  record Dictionary(Map<String, TorchValue> entries) implements TorchValue {
    /** Keeps a view of the entries, which must not be changed afterwards. */
    public Dictionary {
      entries = Collections.unmodifiableMap(entries);
    }
  }

  /**
   * Where an archive names a function or a class that is not known, or has something made with one:
   * that name, which nothing looks up, and none of what the archive gives it. There are some only
   * while one dictionary of an archive is looked for, and none in {@link TorchArchive#tree}.
   */
  record Placeholder(String module, String name) implements TorchValue {
    /** How error messages name it. */
    String shown() {
      return PickleItem.shortened(module) + "." + PickleItem.shortened(name);
    }
  }
}
