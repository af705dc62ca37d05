package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Reference: one element at a time, in fp32. Both products and the sum are rounded, as PyTorch
 * does, so that a rollout can be compared with it bit by bit.
 */
public final class AddNoiseCpu implements AddNoise {
  @Override
  public void launch(Tensor clean, Tensor noise, float sigma, Tensor out) {
    float keep = 1 - sigma;
    FloatView cleans = FloatView.of(clean);
    FloatView noises = FloatView.of(noise);
    FloatView outs = FloatView.of(out);
    for (long i = 0; i < out.elements(); i++) {
      float kept = keep * cleans.get(i);
      float added = sigma * noises.get(i);
      outs.set(i, kept + added);
    }
  }
}
