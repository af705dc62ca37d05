package dev.orrery.kernels.tensor;

import java.util.Arrays;

/**
 * The extents of a row-major tensor, outermost axis first. Immutable. A shape of rank 0 has one
 * element.
 *
 * <p>The number of elements fits in a {@code long}; a product that would overflow is refused on
 * construction.
 */
public final class Shape {
  private final long[] extents;
  private final long elements;

  private Shape(long[] extents) {
    this.extents = extents;
    long product = 1;
    for (long extent : extents) {
      if (extent < 0) {
        throw new IllegalArgumentException("negative extent in shape " + Arrays.toString(extents));
      }
      try {
        product = Math.multiplyExact(product, extent);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(extents) + " has more elements than a 64-bit count can hold",
            e);
      }
    }
    this.elements = product;
  }

  /**
   * A shape of the given extents.
   *
   * @throws IllegalArgumentException if an extent is negative or the number of elements overflows
   */
  public static Shape of(long... extents) {
    return new Shape(extents.clone());
  }

  /** Number of axes. */
  public int rank() {
    return extents.length;
  }

  /**
   * Extent of one axis; negative axes count from the end, so {@code extent(-1)} is the fastest one.
   */
  public long extent(int axis) {
    return extents[axis < 0 ? axis + extents.length : axis];
  }

  /** Product of all extents. */
  public long elements() {
    return elements;
  }

  /** A copy of the extents. */
  public long[] extents() {
    return extents.clone();
  }

  /** This shape with another extent on the first axis. */
  Shape withFirst(long extent) {
    long[] copy = extents.clone();
    copy[0] = extent;
    return new Shape(copy);
  }

  /** Elements of one entry of the first axis. */
  long rowElements() {
    long product = 1;
    for (int axis = 1; axis < extents.length; axis++) {
      product *= extents[axis];
    }
    return product;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  @Override
  public String toString() {
    return Arrays.toString(extents);
  }
}
