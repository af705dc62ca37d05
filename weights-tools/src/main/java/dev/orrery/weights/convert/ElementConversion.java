package dev.orrery.weights.convert;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.weights.source.StoredTensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Floating-point elements in another type: each is rounded once, to the nearest value, ties to
 * even. Infinities and NaN stay what they are; a finite value that the new type cannot hold is an
 * error.
 */
final class ElementConversion {
  private static final int MAX_ELEMENTS = StoredTensors.PIECE_BYTES / 2;
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final float[] values = new float[MAX_ELEMENTS];
  private final MemorySegment converted = MemorySegment.ofArray(new byte[4 * MAX_ELEMENTS]);

  /** Whether elements of a type can be converted: fp64, fp32, fp16 or bf16. */
  static boolean isConvertible(DType dtype) {
    return dtype.isWeightType() || dtype == DType.F64;
  }

  /**
   * Converts a piece of a tensor.
   *
   * @param to fp32, fp16 or bf16
   * @return the converted elements, valid until the next call
   * @throws ArithmeticException if a finite value is beyond the range of {@code to}
   */
  MemorySegment convert(MemorySegment piece, DType from, DType to) {
    int count = (int) (piece.byteSize() / from.byteSize());
    if (from == DType.F64) {
      for (int i = 0; i < count; i++) {
        values[i] = toFloat(piece.get(F64, i * 8L), to);
      }
    } else {
      FloatView.of(Tensor.host(from, Shape.of(count), piece)).copy(0, values, 0, count);
    }
    float limit = roundsToInfinity(to);
    MemorySegment out = converted.asSlice(0, (long) count * to.byteSize());
    FloatView rounded = FloatView.of(Tensor.host(to, Shape.of(count), out));
    for (int i = 0; i < count; i++) {
      if (Math.abs(values[i]) >= limit && !Float.isInfinite(values[i])) {
        throw outOfRange(values[i], to);
      }
      rounded.set(i, values[i]);
    }
    return out;
  }

  /** The smallest value that rounds to infinity: half a step beyond the largest finite one. */
  private static float roundsToInfinity(DType dtype) {
    return switch (dtype) {
      case F16 -> 65520f;
      case BF16 -> 0x1.FFp127f;
      default -> Float.POSITIVE_INFINITY;
    };
  }

  /**
   * A double as the float that rounds on to the nearest value of {@code to}. For narrower types
   * that is not the nearest float: rounding twice could go the wrong way at a tie, so inexact
   * values get an odd last bit, which no tie has.
   */
  private static float toFloat(double value, DType to) {
    float nearest = (float) value;
    if (Float.isInfinite(nearest) && !Double.isInfinite(value)) {
      throw outOfRange(value, to);
    }
    if (to == DType.F32 || nearest == value || Double.isNaN(value)) {
      return nearest;
    }
    float towardsZero = nearest;
    if (Math.abs((double) nearest) > Math.abs(value)) {
      towardsZero = nearest > 0 ? Math.nextDown(nearest) : Math.nextUp(nearest);
    }
    return Float.intBitsToFloat(Float.floatToRawIntBits(towardsZero) | 1);
  }

  private static ArithmeticException outOfRange(double value, DType to) {
    return new ArithmeticException(
        "expected values within the range of " + to + ", found " + value);
  }
}
