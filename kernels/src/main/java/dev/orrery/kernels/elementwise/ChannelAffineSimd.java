package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. */
public final class ChannelAffineSimd extends CpuKernel implements ChannelAffine {
  private static final Scratch.Floats SCALES = new Scratch.Floats();
  private static final Scratch.Floats OFFSETS = new Scratch.Floats();

  public ChannelAffineSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    int columns = x.size(1);
    synchronized (threads) {
      float[] scales = RowPass.widen(scale, threads.shared(), SCALES);
      float[] offsets = RowPass.widen(offset, threads.shared(), OFFSETS);
      RowPass.run(
          threads, x, columns, out, (rows, at, row) -> scale(rows, at, columns, scales, offsets));
    }
  }

  private static void scale(
      RowPass.Rows rows, long at, int columns, float[] scales, float[] offsets) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector scale = FloatVector.fromArray(SPECIES, scales, i);
      FloatVector offset = FloatVector.fromArray(SPECIES, offsets, i);
      Lanes.store(Lanes.load(rows.x(), at + 4L * i).fma(scale, offset), rows.out(), at + 4L * i);
    }
  }
}
