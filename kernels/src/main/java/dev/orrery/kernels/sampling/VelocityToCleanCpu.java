package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time, in double precision. */
public final class VelocityToCleanCpu implements VelocityToClean {
  @Override
  public void launch(Tensor noisy, Tensor velocity, double sigma, Tensor out) {
    FloatView noisies = FloatView.of(noisy);
    FloatView velocities = FloatView.of(velocity);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, noisies.get(i) - sigma * velocities.get(i));
    }
  }
}
