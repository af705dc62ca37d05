package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. */
public final class GatedResidualSimd implements GatedResidual {
  private final CpuThreads threads;

  public GatedResidualSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor y, Tensor gate, Tensor out) {
    int columns = x.size(1);
    int tokensPerFrame = x.size(0) / gate.size(0);
    FloatView ys = FloatView.of(y);
    synchronized (threads) {
      float[] gates = RowPass.widen(gate, threads.shared(), 0);
      RowPass.run(
          threads,
          x,
          columns,
          out,
          (values, at, token, scratch) -> {
            float[] branch = scratch.floats(RowPass.FREE_SLOT, RowPass.padded(columns));
            ys.copy((long) token * columns, branch, 0, columns);
            add(values, at, branch, gates, token / tokensPerFrame * columns, columns);
          });
    }
  }

  private static void add(
      float[] values, int at, float[] branch, float[] gates, int gateAt, int columns) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector.fromArray(SPECIES, branch, i)
          .fma(
              FloatVector.fromArray(SPECIES, gates, gateAt + i),
              FloatVector.fromArray(SPECIES, values, at + i))
          .intoArray(values, at + i);
    }
  }
}
