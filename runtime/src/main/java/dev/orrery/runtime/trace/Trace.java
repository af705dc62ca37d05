package dev.orrery.runtime.trace;

import dev.orrery.kernels.tensor.Tensor;

/**
 * Sees activations while a model runs. Models tap their layers by the names that the fixtures of
 * the reference implementation use, so the first layer that differs can be found by name.
 */
@FunctionalInterface
public interface Trace {
  /** Sees nothing. */
  Trace NONE = (name, value) -> {};

  /**
   * An activation.
   *
   * @param name name of the layer's value, {@code block3.self_attn_out}
   * @param value valid during the call only
   */
  void tap(String name, Tensor value);

  /** A trace that puts {@code prefix} and a dot in front of every name. */
  default Trace at(String prefix) {
    return this == NONE ? NONE : (name, value) -> tap(prefix + "." + name, value);
  }
}
