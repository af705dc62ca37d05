package dev.orrery.kernels.cpu;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The elements of a host tensor as fp32 values, whatever its dtype. Meant for reference kernels and
 * for small tensors; fast kernels widen whole rows with {@link #copy}.
 */
public final class FloatView {
  private final MemorySegment segment;
  private final DType dtype;
  private final long elements;

  /**
   * The array that an fp32 tensor or a copy lies in, else null. Arrays are read as such: in a JVM
   * that has seen three kinds of segments (of arrays, native and mapped) each access to any of them
   * is a virtual call, and references take several times as long.
   */
  private final float[] array;

  /** Element of the array that is the first of the tensor. */
  private final long first;

  private FloatView(Tensor tensor, float[] array, long first) {
    segment = tensor.segment();
    dtype = tensor.dtype();
    elements = tensor.elements();
    this.array = array;
    this.first = first;
  }

  /**
   * A view of a tensor.
   *
   * @throws IllegalArgumentException if the dtype is not fp32, fp16, bf16, fp8 E4M3 or int8
   */
  public static FloatView of(Tensor tensor) {
    DType dtype = tensor.dtype();
    if (!dtype.isWeightType() && dtype != DType.F8_E4M3 && dtype != DType.I8) {
      throw new IllegalArgumentException(
          "expected an F32, F16, BF16, F8_E4M3 or I8 tensor, found " + tensor);
    }
    MemorySegment segment = tensor.segment();
    return dtype == DType.F32 && segment.heapBase().orElse(null) instanceof float[] values
        ? new FloatView(tensor, values, segment.address() / Float.BYTES)
        : new FloatView(tensor, null, 0);
  }

  /**
   * A view of what a tensor holds now, to read each element many times.
   *
   * @throws IllegalArgumentException as {@link #of} does
   */
  public static FloatView copyOf(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    of(tensor).copy(0, values, 0, values.length);
    return new FloatView(tensor, values, 0);
  }

  /** Element {@code index}, counted over the flattened tensor. */
  public float get(long index) {
    if (array != null) {
      return array[(int) (first + Objects.checkIndex(index, elements))];
    }
    return switch (dtype) {
      case F32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4);
      case F16 -> Float.float16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
      case BF16 -> bf16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
      case F8_E4M3 -> Float8.decode(segment.get(ValueLayout.JAVA_BYTE, index));
      default -> segment.get(ValueLayout.JAVA_BYTE, index);
    };
  }

  /** Stores element {@code index}, rounded to the nearest value of the dtype. */
  public void set(long index, double value) {
    float rounded = (float) value;
    if (array != null) {
      array[(int) (first + Objects.checkIndex(index, elements))] = rounded;
      return;
    }
    switch (dtype) {
      case F32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4, rounded);
      case F16 ->
          segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, Float.floatToFloat16(rounded));
      case BF16 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, floatToBf16(rounded));
      case F8_E4M3 -> segment.set(ValueLayout.JAVA_BYTE, index, Float8.encode(rounded));
      default -> segment.set(ValueLayout.JAVA_BYTE, index, floatToI8(rounded));
    }
  }

  /** Widens {@code count} elements from {@code from} on into an array. */
  public void copy(long from, float[] to, int at, int count) {
    switch (dtype) {
      case F32 ->
          MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT_UNALIGNED, from * 4, to, at, count);
      case F16 -> Widening.f16(segment, from * 2, to, at, count);
      case BF16 -> Widening.bf16(segment, from * 2, to, at, count);
      case F8_E4M3 -> Widening.e4m3(segment, from, to, at, count);
      default -> Widening.i8(segment, from, to, at, count);
    }
  }

  /** The fp32 value of bfloat16 bits. */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The bfloat16 bits nearest to a value, ties to even; NaN stays NaN. */
  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** The int8 nearest to a value, ties to even; 0 for NaN. */
  private static byte floatToI8(float value) {
    return (byte) Math.clamp(Math.rint(value), Byte.MIN_VALUE, Byte.MAX_VALUE);
  }
}
