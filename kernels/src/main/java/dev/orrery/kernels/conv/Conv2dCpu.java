package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one pixel at a time, double accumulation. */
public final class Conv2dCpu extends CpuKernel implements Conv2d {
  public Conv2dCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    int outRows = out.size(1);
    int outColumns = out.size(2);
    int outChannels = out.size(3);
    FloatView outs = FloatView.of(out);
    FloatView biases = bias == null ? null : FloatView.of(bias);
    Operands operands = new Operands(x, FloatView.copyOf(x), weight, FloatView.copyOf(weight));
    threads.forEach(
        out.size(0) * outRows,
        (item, scratch) -> {
          double[] sums = new double[outChannels];
          int top = item % outRows * stride - padding.top();
          for (int column = 0; column < outColumns; column++) {
            for (int o = 0; o < outChannels; o++) {
              sums[o] = biases == null ? 0 : biases.get(o);
            }
            operands.addTaps(item / outRows, top, column * stride - padding.left(), sums);
            for (int o = 0; o < outChannels; o++) {
              outs.set(((long) item * outColumns + column) * outChannels + o, sums[o]);
            }
          }
        });
  }

  /** What is multiplied. */
  private record Operands(Tensor x, FloatView xs, Tensor weight, FloatView weights) {
    /** Adds the products of all kernel positions, the first at (top, left), that lie inside. */
    void addTaps(int frame, int top, int left, double[] sums) {
      int kernelColumns = weight.size(1);
      for (int tap = 0; tap < weight.size(0) * kernelColumns; tap++) {
        int y = top + tap / kernelColumns;
        int across = left + tap % kernelColumns;
        if (y < 0 || y >= x.size(1) || across < 0 || across >= x.size(2)) {
          continue;
        }
        long pixel = ((long) frame * x.size(1) + y) * x.size(2) + across;
        for (int i = 0; i < x.size(3); i++) {
          double value = xs.get(pixel * x.size(3) + i);
          long at = ((long) tap * x.size(3) + i) * sums.length;
          for (int o = 0; o < sums.length; o++) {
            sums[o] += value * weights.get(at + o);
          }
        }
      }
    }
  }
}
