package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reference: one dot product at a time. */
public final class MatmulInt8Cpu extends CpuKernel implements MatmulInt8 {
  public MatmulInt8Cpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    int depth = x.values().size(1);
    int columns = weight.values().size(0);
    MemorySegment xs = x.values().segment();
    MemorySegment weights = weight.values().segment();
    FloatView xScales = FloatView.of(x.scales());
    FloatView weightScales = FloatView.of(weight.scales());
    FloatView biases = bias == null ? null : FloatView.of(bias);
    EpilogueCpu ends = new EpilogueCpu(epilogue);
    threads.forEach(
        x.values().size(0),
        (row, scratch) -> {
          for (int column = 0; column < columns; column++) {
            int sum = 0;
            for (int k = 0; k < depth; k++) {
              sum +=
                  xs.get(ValueLayout.JAVA_BYTE, (long) row * depth + k)
                      * weights.get(ValueLayout.JAVA_BYTE, (long) column * depth + k);
            }
            float product = (float) sum * xScales.get(row) * weightScales.get(column);
            double y = biases == null ? product : (double) product + biases.get(column);
            ends.put(row, column, y);
          }
        });
  }
}
