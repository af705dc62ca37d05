package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reference: one element at a time. */
public final class QuantizeRowsCpu implements QuantizeRows {
  private final CpuThreads threads;

  /**
   * @param threads threads to compute with
   */
  public QuantizeRowsCpu(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, ScaledRows out) {
    int columns = x.size(1);
    DType dtype = out.values().dtype();
    FloatView xs = FloatView.of(x);
    MemorySegment values = out.values().segment();
    FloatView scales = FloatView.of(out.scales());
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long first = (long) row * columns;
          float largest = 0;
          for (int k = 0; k < columns; k++) {
            largest = Math.max(largest, Math.abs(xs.get(first + k)));
          }
          RowScale scale = RowScale.of(largest, QuantizeRows.limit(dtype));
          scales.set(row, scale.scale());
          for (int k = 0; k < columns; k++) {
            float scaled = scale.factor() == 0 ? 0 : xs.get(first + k) * scale.factor();
            values.set(ValueLayout.JAVA_BYTE, first + k, round(scaled, dtype));
          }
        });
  }

  private static byte round(float value, DType dtype) {
    return dtype == DType.I8 ? (byte) Math.rint(value) : Float8.encode(value);
  }
}
