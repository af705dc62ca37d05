package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class ReluCpu implements Relu {
  @Override
  public void launch(Tensor x, Tensor out) {
    FloatView xs = FloatView.of(x);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, Math.max(xs.get(i), 0));
    }
  }
}
