package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one pixel at a time, double accumulation. */
public final class ChannelRmsNormCpu extends CpuKernel implements ChannelRmsNorm {
  public ChannelRmsNormCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor gamma, Activation activation, Tensor out) {
    int channels = x.size(1);
    FloatView xs = FloatView.of(x);
    FloatView gammas = FloatView.of(gamma);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0),
        (pixel, scratch) -> {
          long at = (long) pixel * channels;
          double squares = 0;
          for (int c = 0; c < channels; c++) {
            squares += (double) xs.get(at + c) * xs.get(at + c);
          }
          double length = Math.max(Math.sqrt(squares), MIN_LENGTH);
          for (int c = 0; c < channels; c++) {
            double unit = xs.get(at + c) / length;
            outs.set(at + c, activation.apply(unit * Math.sqrt(channels) * gammas.get(c)));
          }
        });
  }
}
