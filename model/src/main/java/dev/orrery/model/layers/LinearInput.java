package dev.orrery.model.layers;

import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import java.util.EnumMap;
import java.util.Map;

/**
 * What goes into several linear layers. Those that multiply quantised activations share one
 * quantised copy of it. Good while its frame is open and the tensor is not written to.
 */
public final class LinearInput {
  private final Tensor tensor;
  private final Workspace.Frame frame;
  private final Map<DType, ScaledRows> quantized = new EnumMap<>(DType.class);

  private LinearInput(Tensor tensor, Workspace.Frame frame) {
    this.tensor = tensor;
    this.frame = frame;
  }

  /**
   * An input.
   *
   * @param tensor {@code [T, in]}
   * @param frame the innermost frame; quantised copies are taken from it, and results too
   */
  public static LinearInput of(Tensor tensor, Workspace.Frame frame) {
    return new LinearInput(tensor, frame);
  }

  /** {@code [T, in]}. */
  Tensor tensor() {
    return tensor;
  }

  Workspace.Frame frame() {
    return frame;
  }

  /** The input with int8 or fp8 values and a scale for each token. */
  ScaledRows quantized(DType dtype, QuantizeRows quantize) {
    return quantized.computeIfAbsent(
        dtype,
        values -> {
          Tensor copy = frame.empty(values, tensor.size(0), tensor.size(1));
          ScaledRows out = new ScaledRows(copy, frame.empty(DType.F32, tensor.size(0)));
          quantize.run(tensor, out);
          return out;
        });
  }
}
