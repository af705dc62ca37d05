package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class MultiplyCpu implements Multiply {
  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    FloatView as = FloatView.of(a);
    FloatView bs = FloatView.of(b);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, (double) as.get(i) * bs.get(i));
    }
  }
}
