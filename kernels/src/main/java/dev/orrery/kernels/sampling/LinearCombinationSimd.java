package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Vector API: the same bits as the reference, hence no fused multiply-add. */
public final class LinearCombinationSimd extends CpuKernel implements LinearCombination {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  /** As many fp32 values as fit in a vector once they are widened. */
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

  private static final int LANES = DOUBLES.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Values of one item of work. */
  private static final int STRIP = 1 << 15;

  public LinearCombinationSimd(CpuThreads threads) {
    super(threads);
  }

  /** Computes the values from one index up to another. */
  @FunctionalInterface
  private interface Strip {
    void run(long first, long end);
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, Tensor out) {
    MemorySegment xs = x.segment();
    MemorySegment ys = y.segment();
    MemorySegment outs = out.segment();
    strips(
        out.elements(),
        (first, end) -> {
          long vectors = end - (end - first) % LANES;
          for (long i = first; i < vectors; i += LANES) {
            Vector<Double> sum = product(a, xs, i).add(product(b, ys, i));
            sum.castShape(FLOATS, 0).intoMemorySegment(outs, 4 * i, ORDER);
          }
          for (long i = vectors; i < end; i++) {
            store(outs, i, a * value(xs, i) + b * value(ys, i));
          }
        });
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
    MemorySegment xs = x.segment();
    MemorySegment ys = y.segment();
    MemorySegment zs = z.segment();
    MemorySegment outs = out.segment();
    strips(
        out.elements(),
        (first, end) -> {
          long vectors = end - (end - first) % LANES;
          for (long i = first; i < vectors; i += LANES) {
            Vector<Double> sum = product(a, xs, i).add(product(b, ys, i)).add(product(c, zs, i));
            sum.castShape(FLOATS, 0).intoMemorySegment(outs, 4 * i, ORDER);
          }
          for (long i = vectors; i < end; i++) {
            store(outs, i, a * value(xs, i) + b * value(ys, i) + c * value(zs, i));
          }
        });
  }

  private void strips(long values, Strip strip) {
    threads.forEach(
        Math.toIntExact(Math.ceilDiv(values, STRIP)),
        (index, scratch) -> {
          long first = (long) index * STRIP;
          strip.run(first, Math.min(values, first + STRIP));
        });
  }

  private static Vector<Double> product(double factor, MemorySegment from, long index) {
    return FloatVector.fromMemorySegment(FLOATS, from, 4 * index, ORDER)
        .castShape(DOUBLES, 0)
        .mul(DoubleVector.broadcast(DOUBLES, factor));
  }

  private static float value(MemorySegment from, long index) {
    return from.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
  }

  private static void store(MemorySegment to, long index, double value) {
    to.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, (float) value);
  }
}
