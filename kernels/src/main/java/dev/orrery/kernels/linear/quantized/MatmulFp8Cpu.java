package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one dot product at a time, double accumulation. */
public final class MatmulFp8Cpu extends CpuKernel implements MatmulFp8 {
  public MatmulFp8Cpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    int depth = x.values().size(1);
    int columns = weight.values().size(0);
    FloatView xs = FloatView.of(x.values());
    FloatView weights = FloatView.of(weight.values());
    FloatView xScales = FloatView.of(x.scales());
    FloatView weightScales = FloatView.of(weight.scales());
    FloatView biases = bias == null ? null : FloatView.of(bias);
    EpilogueCpu ends = new EpilogueCpu(epilogue);
    threads.forEach(
        x.values().size(0),
        (row, scratch) -> {
          for (int column = 0; column < columns; column++) {
            double sum = 0;
            for (int k = 0; k < depth; k++) {
              sum +=
                  (double) xs.get((long) row * depth + k) * weights.get((long) column * depth + k);
            }
            double y = sum * xScales.get(row) * weightScales.get(column);
            ends.put(row, column, biases == null ? y : biases.get(column) + y);
          }
        });
  }
}
