package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * One element at a time, in double precision. Both CPU backends list it, since only latents pass
 * through it: some ten thousand numbers in front of a network that multiplies billions.
 */
public final class SoftClampCpu implements SoftClamp {
  @Override
  public void launch(Tensor x, double limit, Tensor out) {
    FloatView xs = FloatView.of(x);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, limit * Math.tanh(xs.get(i) / limit));
    }
  }
}
