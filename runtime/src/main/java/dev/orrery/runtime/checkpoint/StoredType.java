package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An element type as a safetensors header names it. Files may hold types that nothing here computes
 * with, and those of a later version of the format: such tensors have a name, a shape and bytes,
 * can be reported and copied, and are refused where their values would be needed.
 *
 * <p>Source: huggingface/safetensors 0.8.0, {@code enum Dtype}.
 *
 * @param name the name in the header
 */
public record StoredType(String name) {
  private static final Map<String, DType> COMPUTABLE =
      Arrays.stream(DType.values()).collect(Collectors.toMap(DType::name, Function.identity()));

  /** Bits of an element of the other types of the format. */
  private static final Map<String, Integer> BITS =
      Map.of(
          "F4", 4,
          "F6_E2M3", 6,
          "F6_E3M2", 6,
          "F8_E8M0", 8,
          "F8_E4M3FNUZ", 8,
          "F8_E5M2FNUZ", 8,
          "C64", 64);

  /** What all names of the format look like, and those to come will. */
  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,31}");

  /**
   * @throws IllegalArgumentException if the name is not one or more capital letters, digits and
   *     underscores, the first a letter, at most 32
   */
  public StoredType {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("expected the name of an element type, found " + name);
    }
  }

  /** The type that a file has for elements of this one. */
  public static StoredType of(DType dtype) {
    return new StoredType(dtype.name());
  }

  /** The type to compute with; empty if there is none. */
  public Optional<DType> dtype() {
    return Optional.ofNullable(COMPUTABLE.get(name));
  }

  /** Bits of one element; 0 if the type is not known, and only its tensors' bytes are. */
  int bits() {
    return dtype().map(dtype -> 8 * dtype.byteSize()).orElse(BITS.getOrDefault(name, 0));
  }

  /** The name in the header. */
  @Override
  public String toString() {
    return name;
  }
}
