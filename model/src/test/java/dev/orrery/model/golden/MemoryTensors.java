package dev.orrery.model.golden;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tensors that are in memory.
 *
 * @param tensors by name
 */
public record MemoryTensors(Map<String, Tensor> tensors) implements TensorSource {
  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Optional<Tensor> find(String name, Shape shape) {
    return Optional.ofNullable(tensors.get(name));
  }

  @Override
  public String location(String name) {
    return "memory";
  }
}
