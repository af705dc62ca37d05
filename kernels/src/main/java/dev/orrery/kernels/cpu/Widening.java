package dev.orrery.kernels.cpu;

import dev.orrery.kernels.tensor.Float8;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Exact conversion of rows of 16-bit and 8-bit numbers to fp32. */
final class Widening {
  private static final int LANES = SimdTile.LANES;
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SimdTile.SPECIES.vectorShape());

  /** As many shorts as there are floats in a vector. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SimdTile.SPECIES.vectorBitSize() / 2));

  /** Takes the exponent bias of fp16, 15, to that of fp32, 127; exact for denormal numbers too. */
  private static final float REBIAS = 0x1p112f;

  /** The bits of infinite fp16 numbers and NaNs, once they stand where fp32 has its exponent. */
  private static final int F16_INFINITE = 0x7c00 << 13;

  /** Takes the exponent bias of E4M3, 7, to that of fp32; exact for denormal numbers too. */
  private static final float REBIAS_E4M3 = 0x1p120f;

  private static final int E4M3_NAN = 0x7f;

  /** The fewest bytes of a vector, which may be more than there are floats in one. */
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;

  private Widening() {}

  /** Widens {@code count} bfloat16 numbers: they are the upper halves of fp32 numbers. */
  static void bf16(MemorySegment from, long byteOffset, float[] to, int at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      load(from, byteOffset + 2L * i)
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(to, at + i);
    }
    for (; i < count; i++) {
      to[at + i] =
          FloatView.bf16ToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, byteOffset + 2L * i));
    }
  }

  /** Widens {@code count} IEEE half precision numbers. */
  static void f16(MemorySegment from, long byteOffset, float[] to, int at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits = load(from, byteOffset + 2L * i);
      IntVector magnitude = bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
      IntVector finite = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
      VectorMask<Integer> infinite = magnitude.compare(VectorOperators.GE, F16_INFINITE);
      IntVector wide = finite.blend(magnitude.or(0x7f800000), infinite);
      IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
      wide.or(sign).reinterpretAsFloats().intoArray(to, at + i);
    }
    for (; i < count; i++) {
      to[at + i] =
          Float.float16ToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, byteOffset + 2L * i));
    }
  }

  /** Widens {@code count} fp8 numbers of type E4M3. */
  static void e4m3(MemorySegment from, long byteOffset, float[] to, int at, int count) {
    int i = 0;
    for (; i <= count - BYTES.length(); i += BYTES.length()) {
      ByteVector codes =
          ByteVector.fromMemorySegment(BYTES, from, byteOffset + i, ByteOrder.nativeOrder());
      for (int part = 0; part < BYTES.length() / LANES; part++) {
        e4m3(codes, part).intoArray(to, at + i + part * LANES);
      }
    }
    for (; i < count; i++) {
      to[at + i] = Float8.decode(from.get(ValueLayout.JAVA_BYTE, byteOffset + i));
    }
  }

  private static FloatVector e4m3(ByteVector codes, int part) {
    IntVector bits = (IntVector) codes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, part);
    IntVector magnitude = bits.and(0x7f);
    IntVector finite =
        magnitude
            .lanewise(VectorOperators.LSHL, 20)
            .reinterpretAsFloats()
            .mul(REBIAS_E4M3)
            .reinterpretAsInts();
    IntVector wide = finite.blend(0x7fc00000, magnitude.compare(VectorOperators.EQ, E4M3_NAN));
    IntVector sign = bits.and(0x80).lanewise(VectorOperators.LSHL, 24);
    return wide.or(sign).reinterpretAsFloats();
  }

  /** Widens {@code count} signed bytes. */
  static void i8(MemorySegment from, long byteOffset, float[] to, int at, int count) {
    int i = 0;
    for (; i <= count - BYTES.length(); i += BYTES.length()) {
      ByteVector bytes =
          ByteVector.fromMemorySegment(BYTES, from, byteOffset + i, ByteOrder.nativeOrder());
      for (int part = 0; part < BYTES.length() / LANES; part++) {
        bytes
            .convertShape(VectorOperators.B2F, SimdTile.SPECIES, part)
            .reinterpretAsFloats()
            .intoArray(to, at + i + part * LANES);
      }
    }
    for (; i < count; i++) {
      to[at + i] = from.get(ValueLayout.JAVA_BYTE, byteOffset + i);
    }
  }

  private static IntVector load(MemorySegment from, long byteOffset) {
    ShortVector shorts =
        ShortVector.fromMemorySegment(SHORTS, from, byteOffset, ByteOrder.nativeOrder());
    return (IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
  }
}
