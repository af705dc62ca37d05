package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Vector API. A row is copied to an array, which stays in L1 between its two passes. */
public final class QuantizeRowsSimd extends CpuKernel implements QuantizeRows {
  /** Rows of one item of work. */
  private static final int ITEM_ROWS = 8;

  private static final Scratch.Floats ROW = new Scratch.Floats();

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** A byte for each lane, or the shortest vector there is, the rest of which is not stored. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, SPECIES.vectorBitSize() / Float.BYTES)));

  /** Here fp32 values are a distance of one apart, so that adding it rounds to an integer. */
  private static final float ROUND_INTEGER = 0x1.8p23f;

  /** Here they are as far apart as the subnormals of E4M3, 2^-9. */
  private static final float ROUND_SUBNORMAL = 0x1p14f;

  /** The least value of E4M3 that is not subnormal. */
  private static final float MIN_NORMAL = 0x1p-6f;

  /** Bits of an fp32 mantissa that E4M3 does not have. */
  private static final int DROPPED_BITS = 20;

  /** What the biases of the two exponents differ by, where E4M3 has its exponent. */
  private static final int REBIAS = (127 - 7) << 3;

  public QuantizeRowsSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, ScaledRows out) {
    int rows = x.size(0);
    int columns = x.size(1);
    int padded = RowPass.padded(columns);
    boolean integers = out.values().dtype() == DType.I8;
    float limit = QuantizeRows.limit(out.values().dtype());
    MemorySegment xs = x.segment();
    MemorySegment values = out.values().segment();
    MemorySegment scales = out.scales().segment();
    threads.forEach(
        Math.ceilDiv(rows, ITEM_ROWS),
        (item, scratch) -> {
          float[] row = scratch.floats(ROW, padded);
          int end = Math.min(rows, (item + 1) * ITEM_ROWS);
          for (int r = item * ITEM_ROWS; r < end; r++) {
            long first = (long) r * columns;
            MemorySegment.copy(xs, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * first, row, 0, columns);
            Arrays.fill(row, columns, padded, 0);
            RowScale scale = RowScale.of(largest(row, padded), limit);
            scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * r, scale.scale());
            if (scale.factor() == 0) {
              values.asSlice(first, columns).fill((byte) 0);
            } else if (integers) {
              toInt8(row, columns, scale.factor(), values, first);
            } else {
              toFp8(row, columns, scale.factor(), values, first);
            }
          }
        });
  }

  /** The largest magnitude; as integers, magnitudes have the same order, and NaN is above all. */
  private static float largest(float[] row, int padded) {
    IntVector largest = IntVector.zero(INTS);
    for (int k = 0; k < padded; k += LANES) {
      IntVector bits = FloatVector.fromArray(SPECIES, row, k).reinterpretAsInts();
      largest = largest.max(bits.and(Integer.MAX_VALUE));
    }
    return Float.intBitsToFloat(largest.reduceLanes(VectorOperators.MAX));
  }

  private static void toInt8(float[] row, int columns, float factor, MemorySegment to, long at) {
    for (int k = 0; k < columns; k += LANES) {
      FloatVector scaled = FloatVector.fromArray(SPECIES, row, k).mul(factor);
      store(scaled.add(ROUND_INTEGER).reinterpretAsInts(), k, columns, to, at);
    }
  }

  /** As {@link dev.orrery.kernels.tensor.Float8#encode}, for values that it would not saturate. */
  private static void toFp8(float[] row, int columns, float factor, MemorySegment to, long at) {
    for (int k = 0; k < columns; k += LANES) {
      FloatVector scaled = FloatVector.fromArray(SPECIES, row, k).mul(factor);
      IntVector bits = scaled.reinterpretAsInts();
      IntVector magnitude = bits.and(Integer.MAX_VALUE);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, DROPPED_BITS).and(1);
      IntVector normal =
          magnitude
              .add(odd)
              .add((1 << DROPPED_BITS - 1) - 1)
              .lanewise(VectorOperators.LSHR, DROPPED_BITS)
              .sub(REBIAS);
      IntVector subnormal =
          scaled
              .abs()
              .add(ROUND_SUBNORMAL)
              .reinterpretAsInts()
              .sub(Float.floatToRawIntBits(ROUND_SUBNORMAL));
      IntVector code =
          normal.blend(
              subnormal,
              magnitude.compare(VectorOperators.LT, Float.floatToRawIntBits(MIN_NORMAL)));
      IntVector sign = bits.lanewise(VectorOperators.LSHR, 24).and(0x80);
      store(code.or(sign), k, columns, to, at);
    }
  }

  /** Stores the low bytes of lanes as values from k on. */
  private static void store(IntVector lanes, int k, int columns, MemorySegment to, long at) {
    ByteVector bytes = (ByteVector) lanes.convertShape(VectorOperators.I2B, BYTES, 0);
    int count = Math.min(LANES, columns - k);
    if (count == BYTES.length()) {
      bytes.intoMemorySegment(to, at + k, ByteOrder.nativeOrder());
    } else {
      bytes.intoMemorySegment(to, at + k, ByteOrder.nativeOrder(), BYTES.indexInRange(0, count));
    }
  }
}
