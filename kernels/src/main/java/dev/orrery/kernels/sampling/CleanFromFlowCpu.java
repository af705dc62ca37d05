package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/** Reference: one element at a time, in double precision. */
public final class CleanFromFlowCpu implements CleanFromFlow {
  @Override
  public void launch(Tensor noisy, Tensor flow, double sigma, Tensor out) {
    FloatView noisies = FloatView.of(noisy);
    FloatView flows = FloatView.of(flow);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      outs.set(i, noisies.get(i) - sigma * flows.get(i));
    }
  }
}
