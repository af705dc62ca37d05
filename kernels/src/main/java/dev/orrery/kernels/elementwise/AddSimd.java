package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** Vector API. A sum of two fp32 numbers is rounded once here as in the reference. */
public final class AddSimd extends CpuKernel implements Add {
  /** Values of one item of work. */
  private static final int STRIP = 1 << 15;

  public AddSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    RowPass.elements(threads, a, b, out, AddSimd::add);
  }

  private static void add(RowPass.Rows rows, long at, int row) {
    for (int i = 0; i < RowPass.BLOCK; i += LANES) {
      long offset = at + 4L * i;
      FloatVector sum = Lanes.load(rows.x(), offset).add(Lanes.load(rows.y(), offset));
      Lanes.store(sum, rows.out(), offset);
    }
  }

  @Override
  public void launch(Tensor a, Tensor b, long run, long block, Tensor out) {
    RowPass.Rows memory = new RowPass.Rows(a.segment(), b.segment(), out.segment());
    long values = out.elements();
    threads.forEach(
        Math.toIntExact(Math.ceilDiv(values, STRIP)),
        (strip, scratch) -> {
          long at = (long) strip * STRIP;
          long end = Math.min(values, at + STRIP);
          while (at < end) {
            long count = Math.min(end - at, run - at % run);
            add(memory, at, at / block * run + at % run, count);
            at += count;
          }
        });
  }

  /** Adds consecutive values of b from {@code bAt} on to those of a from {@code at} on. */
  private static void add(RowPass.Rows memory, long at, long bAt, long count) {
    long i = 0;
    for (; i + LANES <= count; i += LANES) {
      FloatVector sum =
          Lanes.load(memory.x(), 4 * (at + i)).add(Lanes.load(memory.y(), 4 * (bAt + i)));
      Lanes.store(sum, memory.out(), 4 * (at + i));
    }
    for (; i < count; i++) {
      float sum = value(memory.x(), at + i) + value(memory.y(), bAt + i);
      memory.out().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at + i, sum);
    }
  }

  private static float value(MemorySegment from, long index) {
    return from.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
  }
}
