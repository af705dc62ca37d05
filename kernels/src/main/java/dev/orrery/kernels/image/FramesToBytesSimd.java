package dev.orrery.kernels.image;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Whole vectors of values; the same fp32 arithmetic and so the same bytes as the reference. */
public final class FramesToBytesSimd extends CpuKernel implements FramesToBytes {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** There is no species of four bytes: machines with 128-bit vectors fill this one twice. */
  private static final VectorSpecies<Byte> BYTES =
      FLOATS.length() == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Values of one item of work; a multiple of every vector length. */
  private static final int STRIP = 1 << 14;

  public FramesToBytesSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, PixelRange range, Tensor out) {
    long values = x.elements();
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        Math.toIntExact((values + STRIP - 1) / STRIP),
        (strip, scratch) -> {
          long first = (long) strip * STRIP;
          convert(from, range, to, first, Math.min(values, first + STRIP));
        });
  }

  private static void convert(
      MemorySegment from, PixelRange range, MemorySegment to, long first, long end) {
    long at = first;
    for (; at + BYTES.length() <= end; at += BYTES.length()) {
      ByteVector bytes =
          (ByteVector) pixels(from, at, range).convertShape(VectorOperators.I2B, BYTES, 0);
      if (INTS.length() < BYTES.length()) {
        Vector<Byte> upper =
            pixels(from, at + INTS.length(), range).convertShape(VectorOperators.I2B, BYTES, -1);
        bytes = bytes.or(upper);
      }
      bytes.intoMemorySegment(to, at, ORDER);
    }
    for (; at < end; at++) {
      float value = from.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
      float scaled = (value + range.offset()) * range.scale();
      to.set(ValueLayout.JAVA_BYTE, at, (byte) (int) Math.max(0, Math.min(255, scaled)));
    }
  }

  /**
   * The conversion makes NaN 0 and saturates, so that integers can be clamped: an instruction each,
   * where floats take six for NaN and negative zero.
   */
  private static IntVector pixels(MemorySegment from, long at, PixelRange range) {
    FloatVector scaled =
        FloatVector.fromMemorySegment(FLOATS, from, 4 * at, ORDER)
            .add(range.offset())
            .mul(range.scale());
    return ((IntVector) scaled.convertShape(VectorOperators.F2I, INTS, 0)).max(0).min(255);
  }
}
