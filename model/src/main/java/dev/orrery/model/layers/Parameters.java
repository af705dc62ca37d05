package dev.orrery.model.layers;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.elementwise.Widen;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.Weights;

/**
 * What a layer is built from: a place in a checkpoint, the backend it will run on, and the arena
 * that owns weights which had to be copied. Layers keep the tensors they took and forget this.
 */
public final class Parameters {
  private final Weights weights;
  private final Backend backend;
  private final TensorArena arena;

  /**
   * Parameters of a whole network.
   *
   * @param weights cursor at the network's first name
   * @param backend where the network will run
   * @param arena owner of copies; must outlive the network
   */
  public Parameters(Weights weights, Backend backend, TensorArena arena) {
    this.weights = weights;
    this.backend = backend;
    this.arena = arena;
  }

  /** The parameters of a child, {@code name} being one or more steps: {@code "ffn.0"}. */
  public Parameters at(String name) {
    return new Parameters(weights.at(name), backend, arena);
  }

  public Backend backend() {
    return backend;
  }

  /** The backend's kernel for an operation. */
  public <K extends Kernel> K kernel(Class<K> contract) {
    return backend.kernel(contract);
  }

  /** A weight in its stored dtype. */
  public Tensor get(String name, long... extents) {
    return backend.upload(weights.get(name, extents), arena);
  }

  /** A weight as fp32; for small ones that take part in elementwise operations. */
  public Tensor widened(String name, long... extents) {
    Tensor out = arena.empty(DType.F32, extents);
    kernel(Widen.class).run(get(name, extents), out);
    return out;
  }

  /**
   * The weight of a convolution, stored as {@code [Co, Ci, taps...]}, in the kernels' order {@code
   * [taps..., Ci, Co]}.
   */
  public Tensor convolution(String name, long... storedExtents) {
    Tensor stored = get(name, storedExtents);
    Tensor out =
        arena.empty(stored.dtype(), ConvWeightOrder.channelsLast(stored.shape()).extents());
    kernel(ConvWeightOrder.class).run(stored, out);
    return out;
  }

  /** Checks a weight that checkpoints hold but inference never uses. */
  public void unused(String name, long... extents) {
    weights.get(name, extents);
  }

  /** A constant of the network that no checkpoint holds, one fp32 value per channel. */
  public Tensor constant(float[] values) {
    Tensor tensor = arena.empty(DType.F32, values.length);
    backend.copy(Tensor.of(values, values.length), tensor);
    return tensor;
  }
}
