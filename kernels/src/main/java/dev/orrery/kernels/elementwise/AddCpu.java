package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time. */
public final class AddCpu implements Add {
  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    launch(a, b, b.elements(), a.elements(), out);
  }

  @Override
  public void launch(Tensor a, Tensor b, long run, long block, Tensor out) {
    FloatView as = FloatView.of(a);
    FloatView bs = FloatView.of(b);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, (double) as.get(i) + bs.get(i / block * run + i % run));
    }
  }
}
