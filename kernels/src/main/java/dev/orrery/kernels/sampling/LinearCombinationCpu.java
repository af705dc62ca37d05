package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time, in double precision. */
public final class LinearCombinationCpu implements LinearCombination {
  @Override
  public void launch(double a, Tensor x, double b, Tensor y, Tensor out) {
    FloatView xs = FloatView.of(x);
    FloatView ys = FloatView.of(y);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, a * xs.get(i) + b * ys.get(i));
    }
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
    FloatView xs = FloatView.of(x);
    FloatView ys = FloatView.of(y);
    FloatView zs = FloatView.of(z);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, a * xs.get(i) + b * ys.get(i) + c * zs.get(i));
    }
  }
}
