package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one pixel at a time, double accumulation. */
public final class CausalConv3dCpu extends CpuKernel implements CausalConv3d {
  public CausalConv3dCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out) {
    int rows = x.size(1);
    int columns = x.size(2);
    int outChannels = out.size(3);
    FloatView outs = FloatView.of(out);
    FloatView biases = FloatView.of(bias);
    Operands operands = Operands.of(history, x, weight, edge);
    threads.forEach(
        out.size(0) * rows,
        (item, scratch) -> {
          double[] sums = new double[outChannels];
          for (int column = 0; column < columns; column++) {
            for (int o = 0; o < outChannels; o++) {
              sums[o] = biases.get(o);
            }
            operands.addTaps(item / rows * timeStride, item % rows, column, sums);
            for (int o = 0; o < outChannels; o++) {
              outs.set(((long) item * columns + column) * outChannels + o, sums[o]);
            }
          }
        });
  }

  /** What is multiplied: frames, those of the history first, and a kernel. */
  private record Operands(
      int historyFrames,
      FloatView past,
      Tensor x,
      FloatView present,
      Tensor weight,
      FloatView weights,
      Edge edge) {
    static Operands of(Tensor history, Tensor x, Tensor weight, Edge edge) {
      return new Operands(
          history == null ? 0 : history.size(0),
          history == null ? null : FloatView.copyOf(history),
          x,
          FloatView.copyOf(x),
          weight,
          FloatView.copyOf(weight),
          edge);
    }

    /** Adds the products of all kernel positions that find a pixel. */
    void addTaps(int frame, int row, int column, double[] sums) {
      int kernelRows = weight.size(1);
      int kernelColumns = weight.size(2);
      for (int tap = 0; tap < weight.size(0) * kernelRows * kernelColumns; tap++) {
        int z = frame + tap / kernelColumns / kernelRows;
        int y = row + tap / kernelColumns % kernelRows - (kernelRows - 1) / 2;
        int across = column + tap % kernelColumns - (kernelColumns - 1) / 2;
        if (edge == Edge.REPEATED) {
          y = Math.clamp(y, 0, x.size(1) - 1);
          across = Math.clamp(across, 0, x.size(2) - 1);
        } else if (y < 0 || y >= x.size(1) || across < 0 || across >= x.size(2)) {
          continue;
        }
        FloatView frames = z < historyFrames ? past : present;
        long from = z < historyFrames ? z : z - historyFrames;
        long pixel = (from * x.size(1) + y) * x.size(2) + across;
        for (int i = 0; i < x.size(3); i++) {
          double value = frames.get(pixel * x.size(3) + i);
          long at = ((long) tap * x.size(3) + i) * sums.length;
          for (int o = 0; o < sums.length; o++) {
            sums[o] += value * weights.get(at + o);
          }
        }
      }
    }
  }
}
