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
public final class GatedResidualSimd extends CpuKernel implements GatedResidual {
  private static final Scratch.Floats GATES = new Scratch.Floats();

  public GatedResidualSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor y, Tensor gate, Tensor out) {
    int columns = x.size(1);
    int tokensPerFrame = x.size(0) / gate.size(0);
    synchronized (threads) {
      float[] gates = RowPass.widen(gate, threads.shared(), GATES);
      RowPass.run(
          threads,
          x,
          y,
          columns,
          out,
          (rows, at, token) -> add(rows, at, columns, gates, token / tokensPerFrame * columns));
    }
  }

  private static void add(RowPass.Rows rows, long at, int columns, float[] gates, int gateAt) {
    for (int i = 0; i < columns; i += LANES) {
      long offset = at + 4L * i;
      FloatVector gate = FloatVector.fromArray(SPECIES, gates, gateAt + i);
      FloatVector sum = Lanes.load(rows.y(), offset).fma(gate, Lanes.load(rows.x(), offset));
      Lanes.store(sum, rows.out(), offset);
    }
  }
}
