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
public final class ModulationSimd extends CpuKernel implements Modulation {
  private static final Scratch.Floats TABLE = new Scratch.Floats();

  public ModulationSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor table, Tensor embedding, Tensor out) {
    int channels = out.size(2);
    boolean shared = embedding.size(0) == 1;
    synchronized (threads) {
      float[] learned = RowPass.widen(table, threads.shared(), TABLE);
      for (int n = 0; n < out.size(0); n++) {
        int vector = n * channels;
        RowPass.run(
            threads,
            embedding.row(shared ? 0 : n),
            channels,
            out.row(n),
            (rows, at, frame) -> add(rows, at, learned, vector, channels));
      }
    }
  }

  private static void add(RowPass.Rows rows, long at, float[] learned, int vector, int channels) {
    for (int i = 0; i < channels; i += LANES) {
      FloatVector base = FloatVector.fromArray(SPECIES, learned, vector + i);
      Lanes.store(Lanes.load(rows.x(), at + 4L * i).add(base), rows.out(), at + 4L * i);
    }
  }
}
