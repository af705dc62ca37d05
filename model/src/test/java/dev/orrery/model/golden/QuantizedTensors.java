package dev.orrery.model.golden;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.quantize.QuantizedMatrix;
import dev.orrery.runtime.quantize.ScaleChoice;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The tensors of another source, some of them quantised when they are asked for. A network built on
 * it is the one that the file of these tensors would give.
 */
public final class QuantizedTensors implements TensorSource {
  private final TensorSource stored;
  private final Function<String, Optional<Quantization>> forms;
  private final ScaleChoice choice;
  private final Set<String> names = new LinkedHashSet<>();
  private final Map<String, QuantizedMatrix> quantized = new HashMap<>();

  /**
   * @param stored the tensors as they are
   * @param forms the form that a tensor is to have, by its name; empty for one that stays
   * @param choice how to find scales
   */
  public QuantizedTensors(
      TensorSource stored, Function<String, Optional<Quantization>> forms, ScaleChoice choice) {
    this.stored = stored;
    this.forms = forms;
    this.choice = choice;
    for (String name : stored.names()) {
      names.add(name);
      if (forms.apply(name).isPresent()) {
        names.add(name + Quantization.SCALE_SUFFIX);
      }
    }
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public Optional<Tensor> find(String name, Shape shape) {
    if (!names.contains(name)) {
      return Optional.empty();
    }
    if (stored.names().contains(name)) {
      return forms.apply(name).isPresent()
          ? Optional.of(quantized(name).values())
          : stored.find(name, shape);
    }
    String matrix = name.substring(0, name.length() - Quantization.SCALE_SUFFIX.length());
    return Optional.of(quantized(matrix).scales());
  }

  /** A matrix that {@code forms} names, quantised. */
  public QuantizedMatrix quantized(String name) {
    return quantized.computeIfAbsent(
        name,
        matrix -> {
          // What is stored has its own shape; nothing is expected of it here.
          Tensor values = stored.find(matrix, Shape.of()).orElseThrow();
          return QuantizedMatrix.of(values, forms.apply(matrix).orElseThrow(), choice);
        });
  }

  @Override
  public String location(String name) {
    return stored.location(name);
  }
}
