package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class QuantizeRowsCpu extends CpuKernel implements QuantizeRows {
  public QuantizeRowsCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, ScaledRows out) {
    int columns = x.size(1);
    float limit = QuantizeRows.limit(out.values().dtype());
    FloatView xs = FloatView.of(x);
    FloatView values = FloatView.of(out.values());
    FloatView scales = FloatView.of(out.scales());
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          long first = (long) row * columns;
          float largest = 0;
          for (int k = 0; k < columns; k++) {
            largest = Math.max(largest, Math.abs(xs.get(first + k)));
          }
          RowScale scale = RowScale.of(largest, limit);
          scales.set(row, scale.scale());
          for (int k = 0; k < columns; k++) {
            float scaled = scale.factor() == 0 ? 0 : xs.get(first + k) * scale.factor();
            values.set(first + k, scaled);
          }
        });
  }
}
