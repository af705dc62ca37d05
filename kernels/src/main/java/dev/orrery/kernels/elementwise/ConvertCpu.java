package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * One element at a time. It runs once per weight, when a model is loaded, so both CPU backends use
 * it.
 */
public final class ConvertCpu implements Convert {
  @Override
  public void launch(Tensor x, Tensor out) {
    FloatView from = FloatView.of(x);
    FloatView to = FloatView.of(out);
    for (long i = 0; i < x.elements(); i++) {
      to.set(i, from.get(i));
    }
  }
}
