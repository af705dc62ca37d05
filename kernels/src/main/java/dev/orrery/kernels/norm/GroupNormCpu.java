package dev.orrery.kernels.norm;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one group of one n at a time, two passes, double accumulation. */
public final class GroupNormCpu extends CpuKernel implements GroupNorm {
  public GroupNormCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor x,
      int groups,
      Tensor weight,
      Tensor bias,
      double eps,
      Activation activation,
      Tensor out) {
    int positions = x.size(1);
    int channels = x.size(2);
    int width = channels / groups;
    FloatView xs = FloatView.of(x);
    FloatView weights = FloatView.of(weight);
    FloatView biases = FloatView.of(bias);
    FloatView outs = FloatView.of(out);
    threads.forEach(
        x.size(0) * groups,
        (item, scratch) -> {
          int first = item % groups * width;
          long at = (long) (item / groups) * positions * channels + first;
          MomentsCpu moments = MomentsCpu.of(xs, at, positions, channels, width);
          double deviation = Math.sqrt(moments.variance() + eps);
          for (int p = 0; p < positions; p++) {
            for (int c = 0; c < width; c++) {
              long index = at + (long) p * channels + c;
              double normalized = (xs.get(index) - moments.mean()) / deviation;
              double affine = normalized * weights.get(first + c) + biases.get(first + c);
              outs.set(index, activation.apply(affine));
            }
          }
        });
  }
}
