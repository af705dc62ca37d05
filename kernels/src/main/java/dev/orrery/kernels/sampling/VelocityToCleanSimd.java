package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Vector API: the same bits as the reference, hence no fused multiply-add. */
public final class VelocityToCleanSimd extends CpuKernel implements VelocityToClean {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  /** As many fp32 values as fit in a vector once they are widened. */
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

  public VelocityToCleanSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor noisy, Tensor velocity, double sigma, Tensor out) {
    RowPass.elements(threads, noisy, velocity, out, (rows, at, row) -> clean(rows, at, sigma));
  }

  private static void clean(RowPass.Rows rows, long at, double sigma) {
    ByteOrder order = ByteOrder.nativeOrder();
    for (int i = 0; i < RowPass.BLOCK; i += FLOATS.length()) {
      long offset = at + 4L * i;
      Vector<Double> noisy =
          FloatVector.fromMemorySegment(FLOATS, rows.x(), offset, order).castShape(DOUBLES, 0);
      Vector<Double> velocity =
          FloatVector.fromMemorySegment(FLOATS, rows.y(), offset, order).castShape(DOUBLES, 0);
      noisy
          .sub(velocity.mul(DoubleVector.broadcast(DOUBLES, sigma)))
          .castShape(FLOATS, 0)
          .intoMemorySegment(rows.out(), offset, order);
    }
  }
}
