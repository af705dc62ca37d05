package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reference: one dot product at a time, double accumulation. */
public final class MatmulInt4Cpu extends CpuKernel implements MatmulInt4 {
  public MatmulInt4Cpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue) {
    int depth = weight.columns();
    int columns = weight.rows();
    int group = weight.group();
    FloatView xs = FloatView.of(x);
    MemorySegment packed = weight.packed().segment();
    FloatView scales = FloatView.of(weight.scales());
    FloatView biases = bias == null ? null : FloatView.of(bias);
    EpilogueCpu ends = new EpilogueCpu(epilogue);
    threads.forEach(
        x.size(0),
        (row, scratch) -> {
          for (int column = 0; column < columns; column++) {
            double sum = biases == null ? 0 : biases.get(column);
            for (int k = 0; k < depth; k++) {
              long element = (long) column * depth + k;
              int pair = packed.get(ValueLayout.JAVA_BYTE, element / 2);
              int q = (k % 2 == 0 ? pair : pair >> 4) & 15;
              float value = scales.get(element / group) * (q - GroupedInt4.ZERO);
              sum += (double) xs.get((long) row * depth + k) * value;
            }
            ends.put(row, column, sum);
          }
        });
  }
}
