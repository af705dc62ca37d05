package dev.orrery.model.golden;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A backend whose linear layers compute one activation where another is asked for.
 *
 * @param asked the activation that is never computed
 * @param computed what is computed in its place
 */
public record OtherActivationBackend(Backend backend, Activation asked, Activation computed)
    implements Backend {
  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    K kernel = backend.kernel(contract);
    if (kernel instanceof Matmul matmul) {
      Matmul other =
          (x, weight, bias, activation, out) ->
              matmul.run(x, weight, bias, activation == asked ? computed : activation, out);
      return contract.cast(other);
    }
    return kernel;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public boolean usesHostMemory() {
    return backend.usesHostMemory();
  }

  @Override
  public TensorArena newArena() {
    return backend.newArena();
  }

  @Override
  public ComputeTypes computeTypes() {
    return backend.computeTypes();
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    return backend.upload(host, activations, arena);
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    backend.copy(from, to);
  }

  @Override
  public void batch(Runnable calls) {
    backend.batch(calls);
  }

  @Override
  public void synchronize() {
    backend.synchronize();
  }

  @Override
  public void close() {
    backend.close();
  }
}
