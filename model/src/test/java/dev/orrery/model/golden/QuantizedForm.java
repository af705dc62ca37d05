package dev.orrery.model.golden;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.quantize.ScaleChoice;
import java.util.Locale;
import java.util.Optional;

/** A way to quantise a whole transformer. */
public record QuantizedForm(Quantization quantization, ScaleChoice choice) {
  public static final QuantizedForm INT8 =
      new QuantizedForm(Quantization.INT8, ScaleChoice.ABS_MAX);
  public static final QuantizedForm FP8 = new QuantizedForm(Quantization.FP8, ScaleChoice.ABS_MAX);

  public static QuantizedForm int4(int group, ScaleChoice choice) {
    return new QuantizedForm(Quantization.int4(group), choice);
  }

  /** The tensors of a transformer with all layers quantised that may be. */
  public TensorSource applied(TensorSource stored, ModelFamily family) {
    return new QuantizedTensors(
        stored,
        name -> family.isQuantizable(name) ? Optional.of(quantization) : Optional.empty(),
        choice);
  }

  /**
   * The largest relative L2 error of a whole network of two or three blocks, half as much again as
   * was seen.
   */
  public double largestError() {
    return switch (quantization.format()) {
      case INT8 -> 0.015;
      case FP8 -> 0.05;
      case INT4 -> 0.19;
    };
  }

  /**
   * The least relative error that a network of this form can have: less means that something was
   * not quantised.
   */
  public double leastError() {
    return switch (quantization.format()) {
      case INT8 -> 0.005;
      case FP8 -> 0.02;
      case INT4 -> 0.05;
    };
  }

  @Override
  public String toString() {
    String name = quantization.format().name().toLowerCase(Locale.ROOT);
    if (quantization.group() == 0) {
      return name;
    }
    return name
        + ", groups of "
        + quantization.group()
        + (choice == ScaleChoice.MSE ? ", MSE-optimal scales" : "");
  }
}
