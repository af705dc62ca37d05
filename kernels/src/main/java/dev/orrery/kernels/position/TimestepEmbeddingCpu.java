package dev.orrery.kernels.position;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The one implementation of both CPU backends: a few hundred values for each frame of a block, far
 * below what another thread or a vector would save, and the definition asks for double precision
 * anyway.
 */
public final class TimestepEmbeddingCpu implements TimestepEmbedding {
  private static final double BASE = 10000;

  @Override
  public void launch(Tensor timesteps, Tensor out) {
    int half = out.size(1) / 2;
    FloatView steps = FloatView.of(timesteps);
    FloatView outs = FloatView.of(out);
    for (int frame = 0; frame < out.size(0); frame++) {
      long at = (long) frame * 2 * half;
      for (int k = 0; k < half; k++) {
        double angle = steps.get(frame) * Math.pow(BASE, -(double) k / half);
        outs.set(at + k, Math.cos(angle));
        outs.set(at + half + k, Math.sin(angle));
      }
    }
  }
}
