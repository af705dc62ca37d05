package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;

/**
 * In which dtypes a backend with memory of its own keeps weights. Vectors (biases, norm weights,
 * all extents but one being 1) are small and take part in fp32 arithmetic, so they are fp32;
 * matrices and convolutions have the dtype of the 16-bit activations they are multiplied with, as
 * tensor cores want it; beside fp32 activations they stay as they are stored.
 */
public final class DeviceWeights {
  private DeviceWeights() {}

  /** The dtype of a weight on the device. */
  public static DType dtype(Tensor stored, DType activations) {
    if (!stored.dtype().isWeightType()) {
      return stored.dtype();
    }
    if (isVector(stored.shape())) {
      return DType.F32;
    }
    return activations == DType.F32 ? stored.dtype() : activations;
  }

  private static boolean isVector(Shape shape) {
    long longest = 1;
    for (long extent : shape.extents()) {
      longest = Math.max(longest, extent);
    }
    return shape.elements() == longest;
  }
}
