package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.random.GaussianNoise;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights for networks that tests run. */
public final class RandomWeights {
  private RandomWeights() {}

  /** Deviates of a size that keeps activations near one. */
  public static Map<String, Tensor> of(PlannedTensors plan, long seed) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (TensorSpec spec : plan.requests()) {
      float[] values = new float[(int) spec.shape().elements()];
      GaussianNoise.fill(seed, weights.size(), 0, values);
      boolean matrix = spec.shape().rank() > 1 && spec.shape().extent(0) > 1;
      boolean gain = spec.name().matches(".*(gamma|norm.*weight|LayerNorm_\\d+\\.scale)");
      double scale =
          gain || !matrix ? 0.1 : 1 / Math.sqrt((double) values.length / spec.shape().extent(0));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (scale * values[i] + (gain ? 1 : 0));
      }
      weights.put(spec.name(), Tensor.of(values, spec.shape().extents()));
    }
    return weights;
  }
}
